import type { AnswerOf } from '@ms1/console-api';

import type { Operation, OperationStore } from '../operations/operation-store.ts';
import { ApiProblem } from './api-problem.ts';
import { rfc3339 } from './rfc3339.ts';
import { handle, reply } from './route.ts';

/** Messages that one operation may touch: whoever needs more asks again, having seen what happened. */
export const MATCHED_MAX = 100_000;

/** `/api/operations` */
export function operationRoutes(operations: Pick<OperationStore, 'running' | 'get' | 'end'>) {
  return handle({
    async 'GET /operations'() {
      const ids = await operations.running();
      const found = await Promise.all(ids.map((id) => operations.get(id)));
      const running = found.filter((one) => one?.status === 'running');
      return reply(200, running.map(presentOperation).toSorted(byAge));
    },
    'GET /operations/:id': async ({ params }) =>
      reply(200, presentOperation(await operations.get(params.id))),
    async 'POST /operations/:id/cancel'({ params }) {
      await operations.end(params.id, 'cancelled');
      return reply(200, presentOperation(await operations.get(params.id)));
    },
  });
}

type Presented = AnswerOf<'GET /operations/:id'>;

function presentOperation(operation: Operation | null): Presented {
  if (!operation) throw new ApiProblem({ title: 'There is no such operation', status: 404 });
  const { until, createdAt, finishedAt, position: _, inHand: __, ...rest } = operation;
  const failed = Object.values(rest.failures).reduce((sum, count) => sum + count, 0);
  const times = { createdAt: rfc3339(createdAt), finishedAt: rfc3339(finishedAt) };
  return { ...rest, failed, until: rfc3339(until), ...times };
}

/** What was begun, and where to ask how far it is. */
export function replyBegun(operation: Operation) {
  const location = `/api/operations/${operation.id}`;
  return reply(202, presentOperation(operation), { location });
}

export function tooMany(): ApiProblem {
  return new ApiProblem({
    type: 'too_many_messages',
    title: `One operation takes at most ${MATCHED_MAX} messages`,
    status: 409,
  });
}

function byAge(a: Presented, b: Presented): number {
  return a.createdAt < b.createdAt ? -1 : 1;
}
