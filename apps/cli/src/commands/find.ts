import { type Command, EXIT, UsageError } from '../command.ts';
import { windowOf } from './audit.ts';

interface Found {
  key: string;
  state: string;
  reason: string | null;
  receipt: string | null;
  at: string;
  sessionId: string | null;
  job: { queue: string; failed: boolean } | null;
}

export const findCommands: Record<string, Command> = {
  find: {
    usage:
      'find --key k | --internet-id id | --mailbox m (--message id | --from t --to t) | --sender a --subject words',
    about: 'where is it: what the ledger and the queues know of a message',
    options: {
      key: { type: 'string' },
      'internet-id': { type: 'string' },
      mailbox: { type: 'string' },
      message: { type: 'string' },
      from: { type: 'string' },
      to: { type: 'string' },
      sender: { type: 'string' },
      subject: { type: 'string' },
      limit: { type: 'string' },
    },
    async run(context) {
      const { api, terminal, text } = context;
      const limit = text('limit');
      const query = {
        key: text('key'),
        internetMessageId: text('internet-id'),
        mailboxId: text('mailbox'),
        messageId: text('message'),
        sender: text('sender'),
        subject: text('subject'),
        ...windowOf(context),
      };
      const told = Object.fromEntries(Object.entries(query).filter(([, value]) => value));
      if (Object.keys(told).length === 0) throw new UsageError('say what to look for');
      const { messages } = await api.post<{ messages: Found[] }>('/find', {
        ...told,
        ...(limit !== undefined && { limit: Number(limit) }),
      });
      terminal.result(messages, () =>
        terminal.table(
          messages.map(({ key, state, reason, receipt, at, sessionId, job }) => ({
            key,
            state,
            since: at,
            why: reason ?? receipt,
            queue: job && `${job.queue}${job.failed ? ' (dead)' : ''}`,
            session: sessionId,
          })),
          'Nothing is known of such a message.',
        ),
      );
      return messages.length > 0 ? EXIT.ok : EXIT.found;
    },
  },
};
