import { type Command, type CommandContext, EXIT, UsageError, wholeNumber } from '../command.ts';
import { ConsoleApiError } from '../console-api.ts';
import { windowOf } from './audits.ts';

interface Found {
  key: string;
  state: string | null;
  reason?: string | null;
  receipt?: string | null;
  at: string | null;
  sessionId?: string | null;
  job: { queue: string; failed: boolean } | null;
}

/** What the console looked at. Of one of the release before it is not known. */
interface Searched {
  by: string[];
  where: string;
  not: string;
}

/** When what happened to a message. */
interface Event {
  at: string;
  event: string;
  source?: string;
  receipt?: string;
  reason?: string;
}

export const findCommands: Record<string, Command> = {
  find: {
    about:
      'where is my invoice? What the ledger and the queues know; ends with 1 when nothing does',
    options: {
      key: { type: 'string', value: 'key', about: 'the message key, as MS4 knows the record' },
      'internet-id': {
        type: 'string',
        value: 'id',
        about: 'the Message-ID that its sender gave it, with its <> or without',
      },
      mailbox: { type: 'string', value: 'id', about: 'object id of the mailbox' },
      message: { type: 'string', value: 'id', about: 'immutable id in Graph; with --mailbox' },
      from: { type: 'string', value: 'time', about: 'by day: the first' },
      to: { type: 'string', value: 'time', about: 'by day: the last' },
      sender: { type: 'string', value: 'address', about: 'whole, as in the mail' },
      subject: { type: 'string', value: 'words', about: 'whole words of it, in any order' },
      limit: { type: 'string', value: 'n', about: 'at most so many; default 100' },
    },
    async run(context) {
      const { api, terminal } = context;
      const query = queryOf(context);
      const { messages, searched } = await api.post<{ messages: Found[]; searched?: Searched }>(
        '/find',
        query,
      );
      const [only] = messages;
      const timeline = messages.length === 1 && only ? await timelineOf(context, only.key) : null;
      const known = messages.map((message) => ({ ...message, timeline }));
      terminal.result(timeline === null ? messages : known, () => {
        terminal.table(messages.map(rowOf), 'Not found by that.');
        if (messages.length === 0 && searched) {
          const { by, where, not } = searched;
          terminal.paragraph(`Looked for ${by.join(' and ')}, ${where}. ${not}`, 0);
        }
        if (timeline === null) return;
        terminal.line();
        terminal.table(
          timeline.map(({ at, event, source, receipt, reason }) => ({
            at,
            event,
            what: receipt ?? reason ?? source ?? null,
          })),
          '',
        );
      });
      return messages.length > 0 ? EXIT.ok : EXIT.no;
    },
  },
};

function queryOf(context: CommandContext): object {
  const { text } = context;
  const limit = wholeNumber(context, 'limit');
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
  return { ...told, ...(limit !== undefined && { limit }) };
}

/** null: an older console, which does not tell */
async function timelineOf({ api }: CommandContext, key: string): Promise<Event[] | null> {
  try {
    return (await api.get<{ timeline: Event[] }>(`/messages/${encodeURIComponent(key)}`)).timeline;
  } catch (error) {
    if (error instanceof ConsoleApiError && error.status === 404) return null;
    throw error;
  }
}

function rowOf({ key, state, reason, receipt, at, sessionId, job }: Found) {
  return {
    key,
    state,
    since: at,
    why: reason ?? receipt ?? null,
    queue: job && `${job.queue}${job.failed ? ' (dead)' : ''}`,
    session: sessionId ?? null,
  };
}
