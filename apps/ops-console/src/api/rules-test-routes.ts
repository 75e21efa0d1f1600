import type { AnswerOf } from '@ms1/console-api';
import type { MailboxSnapshot, RulesTest, RulesTestStore } from '@ms1/mailboxes';

import { ApiProblem } from './api-problem.ts';
import { handle, reply } from './route.ts';

export interface RulesTestSources {
  tests: Pick<RulesTestStore, 'ask' | 'get'>;
  mailboxes: { readonly current: Pick<MailboxSnapshot, 'isListed'> };
}

/** `/api/rules-tests`: a processor reads the mail, because the console has no access to Graph. */
export function rulesTestRoutes({ tests, mailboxes }: RulesTestSources) {
  return handle({
    async 'POST /mailboxes/:id/rules-tests'({ params, body: { last, rules = null } }) {
      if (!mailboxes.current.isListed(params.id)) {
        throw new ApiProblem({ title: 'There is no such mailbox', status: 404 });
      }
      const test = await tests.ask({ mailboxId: params.id, last, rules });
      return reply(202, viewOf(test), { location: `/api/rules-tests/${test.id}` });
    },
    async 'GET /rules-tests/:id'({ params }) {
      const test = await tests.get(params.id);
      if (!test) throw new ApiProblem({ title: 'There is no such test', status: 404 });
      return reply(200, viewOf(test));
    },
  });
}

function viewOf({
  rules,
  createdAt,
  failed,
  result,
  ...rest
}: RulesTest): AnswerOf<'GET /rules-tests/:id'> {
  const ended = failed === null ? ('done' as const) : ('failed' as const);
  return {
    ...rest,
    createdAt: new Date(createdAt).toISOString(),
    proposed: rules !== null,
    status: result === null && failed === null ? 'waiting' : ended,
    failed,
    result,
  };
}
