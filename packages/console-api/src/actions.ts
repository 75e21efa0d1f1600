import { z } from 'zod';

import { type Endpoints, Page } from './endpoint.ts';

/** The id of a line of the operator log: two numbers of 64 bits. `0-0` is refused, because no line comes before it. */
export const LineId = z.string().refine(isLineId, 'is not the id of a line');

function isLineId(text: string): boolean {
  if (!/^\d{1,20}-\d{1,20}$/.test(text) || !/[1-9]/.test(text)) return false;
  return text.split('-').every((part) => BigInt(part) < 2n ** 64n);
}

const Action = z
  .object({
    id: z.string(),
    at: z.string(),
    by: z.string().meta({ description: 'how the caller logged in: token, oidc or password' }),
    subject: z.string().nullable().meta({ description: 'who that login proves it was' }),
    name: z.string().nullable().meta({ description: 'the name they gave, which nothing proves' }),
    action: z.string(),
    detail: z.unknown(),
    status: z.int().nullable().meta({ description: 'null: this line is the beginning' }),
    of: z.string().nullable().meta({ description: 'id of the line that is its beginning' }),
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
