import type { AnswerOf } from '@ms1/console-api';

import { type Command, type CommandContext, EXIT, needed, wholeNumber } from '../command.ts';
import { rulesIn } from './mailboxes.ts';

type Answered = AnswerOf<'GET /rules-tests/:id'>;
/** A console of an earlier release says nothing of changes. */
type RulesTest = Omit<Answered, 'changes'> & Partial<Pick<Answered, 'changes'>>;
type TestedMail = AnswerOf<'POST /rules-tests/:id/mail'>;

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
      show: { type: 'boolean', about: 'subject and sender too, where you may see them' },
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
      const test = await answered(context, asked);
      const isShown = context.flag('show') && test.result !== null;
      const mail = isShown
        ? await context.api.call('POST /rules-tests/:id/mail', { params: { id: test.id } })
        : null;
      return show(context, test, mail);
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

function show({ terminal }: CommandContext, test: RulesTest, mail: TestedMail | null): number {
  const { result, failed, status, changes = [] } = test;
  // A role that may not see what is in mail gets no link to any.
  const isLinked = result?.messages.some(({ webLink }) => webLink !== null);
  const shown = new Map(mail?.mail.map((one) => [one.key, one]));
  terminal.result(mail ? { ...test, mail } : test, () => {
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
        ...(mail && {
          from: shown.get(key)?.from.address ?? null,
          subject: shown.get(key)?.subject ?? null,
        }),
        key,
        ...(isLinked && { link: webLink }),
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
    if (mail && mail.status !== 'shown') terminal.line(`\n${mail.text}`);
    if (changes.length > 0) {
      const skipped = changes.filter(({ to }) => to === 'skipped').length;
      terminal.line(
        `\n${skipped} that were taken would be skipped, ${changes.length - skipped} that were skipped would be taken.`,
      );
    }
    terminal.line(`\n${result.taken} of ${result.tested} are taken. Nothing has changed.`);
  });
  return result ? EXIT.ok : EXIT.no;
}
