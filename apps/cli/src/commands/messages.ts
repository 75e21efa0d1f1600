import { type Command, type CommandContext, EXIT } from '../command.ts';
import { LIST, mostOf, printCsv } from '../print-csv.ts';
import { windowOf } from './audits.ts';

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
      ...LIST,
    },
    async run(context) {
      const { api, terminal } = context;
      if (context.flag('csv')) {
        const pages = api.pages('GET /messages', { query: queryOf(context) }, mostOf(context));
        return (await printCsv(context, 'GET /messages', pages)) ? EXIT.ok : EXIT.no;
      }
      const rows = await readRows(context);
      terminal.result(rows, () => terminal.table(rows, 'Nothing matches.'));
      return rows.length > 0 ? EXIT.ok : EXIT.no;
    },
  },
};

function queryOf(context: CommandContext) {
  return {
    mailboxId: context.text('mailbox'),
    state: context.text('state'),
    reason: context.text('reason'),
    sessionId: context.text('session'),
    ...windowOf(context),
  };
}

async function readRows(context: CommandContext) {
  const query = queryOf(context);
  const messages = await context.api.list('GET /messages', { query }, mostOf(context));
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
