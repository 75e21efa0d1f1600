import { z } from 'zod';

import { MessageOverrides } from '../generator/message-overrides.ts';

/** `injected.jsonl`: a message that came into a mailbox. Seed and index make it up again. */
export const InjectedLine = z.object({
  at: z.string(),
  plan: z.string(),
  seed: z.int(),
  index: z.int(),
  mailboxId: z.string(),
  /** the immutable id */
  messageId: z.string(),
  internetMessageId: z.string(),
  folderId: z.string(),
  /** RFC 3339 with ms, as stored; Graph shows whole seconds */
  receivedAt: z.string(),
  announced: z.boolean(),
  /** how many, inline ones included */
  attachments: z.int(),
  overrides: MessageOverrides.optional(),
});
export type InjectedLine = z.infer<typeof InjectedLine>;

/** `changes.jsonl`: what happened to a message afterwards, and after how many injected lines: the order makes the delta tokens. */
export const ChangeLine = z.object({
  at: z.string(),
  after: z.int(),
  mailboxId: z.string(),
  messageId: z.string(),
  change: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('delete') }),
    z.object({ kind: z.literal('move'), folderId: z.string() }),
    z.object({ kind: z.literal('update'), isRead: z.boolean() }),
  ]),
});
export type ChangeLine = z.infer<typeof ChangeLine>;
export type Change = ChangeLine['change'];

/** `stored.jsonl`: a record that MS4 stored. No personal data: the subject and the whole record as hashes. */
export const StoredLine = z.object({
  at: z.string(),
  batchId: z.string(),
  id: z.string(),
  mailbox: z.string(),
  messageId: z.string(),
  internetMessageId: z.string().nullable(),
  subjectHash: z.string(),
  recordHash: z.string(),
  /** where the record is in `records.jsonl` */
  offset: z.int(),
  bytes: z.int(),
});
export type StoredLine = z.infer<typeof StoredLine>;

/** `batches.jsonl`: how MS4 answered a batch, to answer the same again. */
export const BatchLine = z.object({
  at: z.string(),
  batchId: z.string(),
  bodyHash: z.string(),
  status: z.int(),
  /** id, verdict, error code */
  verdicts: z.array(
    z.tuple([
      z.string(),
      z.enum(['stored', 'duplicate', 'rejected', 'retry']),
      z.string().nullable(),
    ]),
  ),
});
export type BatchLine = z.infer<typeof BatchLine>;

/** `arrivals.jsonl`: a batch request that reached MS4, whatever became of it. What an auditor measures rates by. */
export const ArrivalLine = z.object({
  at: z.string(),
  /** ms of the machine's monotonic clock: comparable between processes and over restarts */
  monotonicMs: z.number(),
  /** the idempotency key; empty when there is none */
  key: z.string(),
  /** of the body as it came */
  bytes: z.int(),
});
export type ArrivalLine = z.infer<typeof ArrivalLine>;

/** `requests.jsonl`, on demand: a batch request whole, without its credentials, for a validator. */
export const RequestLine = z.object({
  method: z.string(),
  path: z.string(),
  headers: z.record(z.string(), z.string()),
  /** decoded */
  body: z.string(),
});
export type RequestLine = z.infer<typeof RequestLine>;
