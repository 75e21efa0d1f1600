import { type Command, type CommandContext, EXIT, wholeNumber } from '../command.ts';
import { toCsv } from '../csv.ts';
import { windowOf } from './audits.ts';

/** Of a row, in the order in which they are shown; docs/accounting.md says what is in them. */
const COLUMNS = ['key', 'mailbox', 'received', 'state', 'since', 'why', 'session'] as const;

export const messageCommands: Record<string, Command> = {
  messages: {
    about: 'mail by mailbox, day, state, reason and session, the newest first',
    options: {
      mailbox: { type: 'string', value: 'id', about: 'object id of the mailbox' },
      state: {
        type: 'string',
        value: 'state',
        about: 'queued, prepared, delivered, skipped, dead',
      },
      reason: { type: 'string', value: 'code', about: 'why it was skipped or is dead' },
      session: { type: 'string', value: 'id', about: 'of this session' },
      from: { type: 'string', value: 'time', about: 'received from' },
      to: { type: 'string', value: 'time', about: 'received until' },
      limit: { type: 'string', value: 'n', about: 'how many at most; default 100' },
      csv: { type: 'boolean', about: 'as CSV for Excel' },
    },
    async run(context) {
      const { terminal } = context;
      const rows = await readRows(context, wholeNumber(context, 'limit') ?? 100);
      if (context.flag('csv')) {
        terminal.line(toCsv(COLUMNS, rows));
      } else {
        terminal.result(rows, () => terminal.table(rows, 'Nothing matches.'));
      }
      return rows.length > 0 ? EXIT.ok : EXIT.no;
    },
  },
};

async function readRows(context: CommandContext, limit: number) {
  const query = {
    mailboxId: context.text('mailbox'),
    state: context.text('state'),
    reason: context.text('reason'),
    sessionId: context.text('session'),
    ...windowOf(context),
  };
  const messages = await context.api.list('GET /messages', { query }, limit);
  return messages.map(({ key, mailbox, receivedAt, state, at, reason, sessionId }) => ({
    key,
    mailbox: mailbox?.label ?? null,
    received: receivedAt,
    state,
    since: at,
    why: reason,
    session: sessionId,
  }));
}
