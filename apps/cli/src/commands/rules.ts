import type { AnswerOf } from '@ms1/console-api';

import { type Command, type CommandContext, EXIT, needed, wholeNumber } from '../command.ts';
import { rulesIn } from './mailboxes.ts';

type RulesTest = AnswerOf<'GET /rules-tests/:id'>;

const POLL_MS = 500;
/** 200 messages take Graph some seconds, and a processor may be at another test. */
const WAIT_MS_MAX = 120_000;

export const rulesCommands: Record<string, Command> = {
  'rules test': {
    args: '<mailbox>',
    about: 'what each rule would do with its latest mail, read from the mailbox now',
    options: {
      last: { type: 'string', value: 'n', about: 'how many messages, 200 at most; default 50' },
      rules: {
        type: 'string',
        value: 'file',
        about: 'a JSON file with rules; default: those that the mailbox has',
      },
    },
    async run(context) {
      const id = needed(context, 'the mailbox, by its object id');
      const [last, file] = [wholeNumber(context, 'last'), context.text('rules')];
      const body = {
        ...(last !== undefined && { last }),
        ...(file !== undefined && { rules: rulesIn(file) }),
      };
      const asked = await context.api.call('POST /mailboxes/:id/rules-tests', {
        params: { id },
        body,
      });
      return show(context, await answered(context, asked));
    },
  },
};

async function answered({ api, wait }: CommandContext, asked: RulesTest): Promise<RulesTest> {
  let test = asked;
  for (let waited = 0; test.status === 'waiting' && waited < WAIT_MS_MAX; waited += POLL_MS) {
    await wait(POLL_MS);
    test = await api.call('GET /rules-tests/:id', { params: { id: test.id } });
  }
  return test;
}

function show({ terminal }: CommandContext, test: RulesTest): number {
  const { result, failed, status } = test;
  terminal.result(test, () => {
    if (!result) {
      const why = status === 'waiting' ? 'no processor answers' : failed;
      return terminal.line(`The rules were not tested: ${why}.`, 'red');
    }
    terminal.table(
      result.messages.map(({ receivedAt, declinedBy, unread, now, key, webLink }) => ({
        received: receivedAt,
        'the rules': unread === null ? (declinedBy[0] ?? 'take it') : `not read: ${unread}`,
        'others too': declinedBy.slice(1).join(', '),
        now,
        key,
        link: webLink,
      })),
      'There is no message in the folders that are read.',
    );
    terminal.line();
    terminal.table(
      Object.entries(result.rules).map(([rule, messages]) => ({
        rule,
        declines: messages,
        'before all others': result.declined[rule] ?? 0,
      })),
      'No rule declines any of them.',
    );
    terminal.line(`\n${result.taken} of ${result.tested} are taken. Nothing has changed.`);
  });
  return result ? EXIT.ok : EXIT.no;
}
