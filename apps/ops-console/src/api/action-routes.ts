import { z } from 'zod';
import type { OperatorLog } from './operator-log.ts';

import { fromCursor, Page, toCursor } from './page.ts';
import { rfc3339 } from './rfc3339.ts';
import { defineRoute, type Route, reply } from './route.ts';

/** Two numbers of 64 bits, the id of a line of a stream. `0-0` is none: nothing could be before it. */
const LineId = z.string().refine(isLineId, 'is not the id of a line');

function isLineId(text: string): boolean {
  if (!/^\d{1,20}-\d{1,20}$/.test(text) || !/[1-9]/.test(text)) return false;
  return text.split('-').every((part) => BigInt(part) < 2n ** 64n);
}

const ActionPage = z.strictObject({
  ...Page.shape,
  before: LineId.optional().meta({ description: 'id of the last line of the page before' }),
});

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

/** `/api/actions`: what operators did, the latest first */
export function actionRoutes(operators: Pick<OperatorLog, 'list'>): Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/actions',
      tag: 'actions',
      summary: 'What was done through this API, the latest first',
      policy: 'reader',
      query: ActionPage,
      responses: { 200: z.array(Action) },
      async handle({ query: { limit, before, cursor } }) {
        const since = fromCursor(z.tuple([LineId]), cursor)?.[0] ?? before;
        const lines = await operators.list({
          limit,
          ...(since !== undefined && { before: since }),
        });
        const last = lines.length === limit ? lines.at(-1) : undefined;
        const body = lines.map(({ subject = null, ...line }) => ({
          ...line,
          subject,
          at: rfc3339(line.at),
        }));
        return reply(200, body, { next: last && toCursor([last.id]) });
      },
    }),
  ];
}
