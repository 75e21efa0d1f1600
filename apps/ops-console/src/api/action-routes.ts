import type { OperatorLog } from '@ms1/store';
import { z } from 'zod';

import { rfc3339 } from './rfc3339.ts';
import { defineRoute, type Route } from './route.ts';

const ActionPage = z.strictObject({
  limit: z.coerce.number().int().min(1).max(500).default(100),
  /** id of the last line of the page before */
  before: z
    .string()
    .regex(/^\d+-\d+$/)
    .optional(),
});

/** `/api/actions`: what operators did, the latest first */
export function actionRoutes(operators: Pick<OperatorLog, 'list'>): Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/actions',
      policy: 'reader',
      input: ActionPage,
      async handle({ input: { limit, before } }) {
        const actions = await operators.list({ limit, ...(before !== undefined && { before }) });
        return { status: 200, body: actions.map((line) => ({ ...line, at: rfc3339(line.at) })) };
      },
    }),
  ];
}
