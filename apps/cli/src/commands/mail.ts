import { type Command, type CommandContext, EXIT, wholeNumber } from '../command.ts';
import { windowOf } from './audits.ts';
import { ACTING, asking, followOperation, PAST, RATE } from './operations.ts';

const OPTIONS = {
  mailbox: { type: 'string', value: 'id', about: 'object id of the mailbox; default: of all' },
  why: { type: 'string', value: 'code', about: 'only what is in its state for this reason' },
  session: { type: 'string', value: 'id', about: 'of this session' },
  from: { type: 'string', value: 'time', about: 'received from' },
  to: { type: 'string', value: 'time', about: 'received until' },
  ...ACTING,
  ...RATE,
} as const;

/** What `ms1 messages` lists, all of it at once. */
export const mailCommands: Record<string, Command> = {
  'mail replay': {
    about: 'runs all dead mail of a filter again',
    options: OPTIONS,
    run: (context) => act(context, 'replay', 'dead'),
  },
  'mail discard': {
    about: 'discards all dead mail of a filter for good',
    options: OPTIONS,
    run: (context) => act(context, 'discard', 'dead'),
  },
  'mail put-back': {
    about: 'takes all skipped or delivered mail of a filter again, from its mailboxes',
    options: {
      state: { type: 'string', value: 'state', about: 'skipped, the default, or delivered' },
      ...OPTIONS,
    },
    run: (context) => act(context, 'put-back', context.text('state') ?? 'skipped'),
  },
};

async function act(
  context: CommandContext,
  action: 'replay' | 'discard' | 'put-back',
  state: string,
): Promise<number> {
  const { api, terminal, text } = context;
  const filter = {
    state,
    mailboxId: text('mailbox'),
    reason: text('why'),
    sessionId: text('session'),
    ...windowOf(context),
  };
  const body = { filter, perSecond: wholeNumber(context, 'rate'), ...asking(context) };
  const answer = await api.call(`POST /messages/${action}`, { body });
  if (!('dryRun' in answer)) return followOperation(context, answer);
  terminal.result(answer, () => {
    terminal.table(
      answer.reasons.map(({ reason, count }) => ({ why: reason, messages: count })),
      'Nothing matches.',
    );
    terminal.line(
      `\n${answer.matched} would be ${PAST[action]}. Nothing has changed: to do it, add --yes --reason why.`,
    );
  });
  return EXIT.ok;
}
