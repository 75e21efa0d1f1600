import { LineId } from '@ms1/console-api';
import { z } from 'zod';
import type { OperatorLog } from './operator-log.ts';

import { fromCursor, toCursor } from './page.ts';
import { rfc3339 } from './rfc3339.ts';
import { handle, reply } from './route.ts';

/** `/api/actions`: what operators did, the latest first */
export function actionRoutes(operators: Pick<OperatorLog, 'list'>) {
  return handle({
    async 'GET /actions'({ query: { limit, before, cursor } }) {
      const since = fromCursor(z.tuple([LineId]), cursor)?.[0] ?? before;
      const lines = await operators.list({ limit, ...(since !== undefined && { before: since }) });
      const last = lines.length === limit ? lines.at(-1) : undefined;
      const body = lines.map(({ subject = null, ...line }) => ({
        ...line,
        subject,
        at: rfc3339(line.at),
      }));
      return reply(200, body, { next: last && toCursor([last.id]) });
    },
  });
}
