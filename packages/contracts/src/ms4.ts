import { z } from 'zod';

import { MessageRecord } from './message-record.ts';

/** Body of POST /v1/batches (packages/contracts/openapi/ms4.yaml, Batch). */
export const Ms4Batch = z.object({
  batchId: z.string().min(1).max(128),
  items: z.array(MessageRecord).min(1).max(1000),
});
export type Ms4Batch = z.infer<typeof Ms4Batch>;

export const Ms4Verdict = z.enum(['stored', 'duplicate', 'rejected', 'retry']);
export type Ms4Verdict = z.infer<typeof Ms4Verdict>;

/** Body of a 200 or 207 (packages/contracts/openapi/ms4.yaml, BatchResult). */
export const Ms4BatchResult = z.object({
  batchId: z.string(),
  results: z.array(
    z.object({
      id: z.string(),
      status: Ms4Verdict,
      // Many serialisers write null for what is not there.
      error: z.object({ code: z.string(), message: z.string().nullish() }).nullish(),
    }),
  ),
});
export type Ms4BatchResult = z.infer<typeof Ms4BatchResult>;

/** RFC 9457 problem details (packages/contracts/openapi/ms4.yaml, Problem). */
export const Problem = z.object({
  type: z.string().optional(),
  title: z.string(),
  status: z.int(),
  detail: z.string().optional(),
  errors: z
    .array(
      z.object({ pointer: z.string(), code: z.string().optional(), detail: z.string().optional() }),
    )
    .optional(),
});
export type Problem = z.infer<typeof Problem>;
