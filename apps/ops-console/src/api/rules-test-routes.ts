import type { AnswerOf, Role } from '@ms1/console-api';
import type { TestedMessage } from '@ms1/contracts';
import type { MailboxSnapshot, RulesTest, RulesTestStore } from '@ms1/mailboxes';

import { inWords, type MailReaderOptions } from '../mail/mail-reader.ts';
import { readTested } from '../mail/read-tested.ts';
import { ApiProblem } from './api-problem.ts';
import { type MailSources, mailFor } from './mail-routes.ts';
import { handle, reply } from './route.ts';

export interface RulesTestSources extends Pick<MailReaderOptions, 'graph' | 'onError'> {
  tests: Pick<RulesTestStore, 'ask' | 'get'>;
  mailboxes: MailReaderOptions['mailboxes'] & { current: Pick<MailboxSnapshot, 'isListed'> };
  mail: MailSources;
}

type View = AnswerOf<'GET /rules-tests/:id'>;

/** `/api/rules-tests`: a processor tries them, as it does with new mail; the console says of which mail that was. */
export function rulesTestRoutes({ tests, mail, ...reading }: RulesTestSources) {
  const existing = async (id: string): Promise<RulesTest> => {
    const test = await tests.get(id);
    if (!test) throw new ApiProblem({ title: 'There is no such test', status: 404 });
    return test;
  };
  const seenBy = ({ role }: { role: Role }): boolean => mailFor(mail, role) !== 'hidden';
  return handle({
    async 'POST /mailboxes/:id/rules-tests'({ params, caller, body: { last, rules = null } }) {
      if (!reading.mailboxes.current.isListed(params.id)) {
        throw new ApiProblem({ title: 'There is no such mailbox', status: 404 });
      }
      const test = await tests.ask({ mailboxId: params.id, last, rules });
      return reply(202, viewOf(test, seenBy(caller)), { location: `/api/rules-tests/${test.id}` });
    },
    'GET /rules-tests/:id': async ({ params, caller }) =>
      reply(200, viewOf(await existing(params.id), seenBy(caller))),
    async 'POST /rules-tests/:id/mail'({ params, caller }) {
      const test = await existing(params.id);
      return reply(
        200,
        seenBy(caller) ? await readTested(reading, test) : { ...inWords('hidden'), mail: [] },
      );
    },
  });
}

/** @param isSeen links into mailboxes too: without, it has of a message what the list of mail has */
function viewOf({ rules, createdAt, failed, result, ...rest }: RulesTest, isSeen: boolean): View {
  const ended = failed === null ? ('done' as const) : ('failed' as const);
  return {
    ...rest,
    createdAt: new Date(createdAt).toISOString(),
    proposed: rules !== null,
    status: result === null && failed === null ? 'waiting' : ended,
    failed,
    result: result && {
      ...result,
      messages: result.messages.map((one) => (isSeen ? one : { ...one, webLink: null })),
    },
    changes: result?.messages.flatMap(changeOf) ?? [],
  };
}

/** None where the ledger does not know it, where it was not read, or where it was skipped for another reason. */
function changeOf({ key, now, unread, declinedBy }: TestedMessage): View['changes'] {
  if (now === null || unread !== null) return [];
  const isTaken = declinedBy.length === 0;
  if (now.startsWith('skipped:rule_')) return isTaken ? [{ key, to: 'taken' }] : [];
  return isTaken || now.startsWith('skipped') ? [] : [{ key, to: 'skipped' }];
}
