import { z } from 'zod';

import { type Endpoints, Page } from './endpoint.ts';

/** Two numbers of 64 bits, the id of a line of a stream. `0-0` is none: nothing could be before it. */
export const LineId = z.string().refine(isLineId, 'is not the id of a line');

function isLineId(text: string): boolean {
  if (!/^\d{1,20}-\d{1,20}$/.test(text) || !/[1-9]/.test(text)) return false;
  return text.split('-').every((part) => BigInt(part) < 2n ** 64n);
}

const Action = z
  .object({
    id: z.string(),
    at: z.string(),
    by: z.string().meta({ description: 'what proved who it was: token, oidc or password' }),
    subject: z.string().nullable().meta({ description: 'who that is, as far as it was proved' }),
    name: z.string().nullable().meta({ description: 'the name they gave, which nothing proves' }),
    action: z.string(),
    detail: z.unknown(),
    status: z.int().nullable().meta({ description: 'null: it was begun' }),
    of: z.string().nullable().meta({ description: 'the line that says it was begun' }),
  })
  .meta({ id: 'Action' });

export const actions = {
  'GET /actions': {
    tag: 'actions',
    summary: 'What was done through this API, the latest first',
    policy: 'reader',
    query: z.strictObject({
      ...Page.shape,
      before: LineId.optional().meta({ description: 'id of the last line of the page before' }),
    }),
    responses: { 200: z.array(Action) },
  },
} as const satisfies Endpoints;
