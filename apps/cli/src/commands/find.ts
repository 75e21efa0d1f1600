import { type AnswerOf, ConsoleApiError } from '@ms1/console-api';

import { type Command, type CommandContext, EXIT, UsageError, wholeNumber } from '../command.ts';
import { clean } from '../fit-text.ts';
import { windowOf } from './audits.ts';

type Found = AnswerOf<'POST /find'>['messages'][number];
type Mail = AnswerOf<'POST /messages/:key/mail'>;
type Event = AnswerOf<'GET /messages/:key'>['timeline'][number];

export const findCommands: Record<string, Command> = {
  find: {
    args: '<words...>',
    about:
      'where is my invoice? By whatever is remembered of it; exits with 1 when nothing is found',
    options: {
      key: { type: 'string', value: 'key', about: 'the message key, as MS4 knows the record' },
      'internet-id': {
        type: 'string',
        value: 'id',
        about: 'the Message-ID that its sender gave it, with its <> or without',
      },
      mailbox: { type: 'string', value: 'id', about: 'object id of the mailbox' },
      message: { type: 'string', value: 'id', about: 'immutable id in Graph; with --mailbox' },
      from: { type: 'string', value: 'time', about: 'first day' },
      to: { type: 'string', value: 'time', about: 'last day' },
      sender: { type: 'string', value: 'address', about: 'whole address, as in the mail' },
      subject: { type: 'string', value: 'words', about: 'as <words>' },
      limit: { type: 'string', value: 'n', about: 'how many at most; default 100' },
      show: {
        type: 'boolean',
        about: 'of one that is found: reads it from its mailbox; the operator log says who looked',
      },
    },
    async run(context) {
      const { api, terminal } = context;
      const { messages, searched } = await api.call('POST /find', { body: queryOf(context) });
      const [only] = messages;
      const timeline = messages.length === 1 && only ? await timelineOf(context, only.key) : null;
      const mail =
        only && timeline && context.flag('show') ? await mailOf(context, only.key) : null;
      const known = messages.map((message) => ({ ...message, timeline, ...(mail && { mail }) }));
      terminal.result(timeline === null ? messages : known, () => {
        const { by, where, not } = searched;
        // An older console does not say what it understood.
        const what = 'understood' in searched ? clean(searched.understood) : by.join(' and ');
        const why = messages.length === 0 ? ` ${not}` : '';
        terminal.paragraph(`Looked for ${what}, ${where}.${why}`, 0);
        terminal.table(messages.map(rowOf), 'Nothing matches.');
        if (timeline === null) return;
        terminal.line();
        if (mail) showMail(terminal, mail);
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

function queryOf(context: CommandContext) {
  // An empty word is none.
  const text = (name: string) => context.text(name) || undefined;
  const query = {
    key: text('key'),
    internetMessageId: text('internet-id'),
    mailboxId: text('mailbox'),
    messageId: text('message'),
    sender: text('sender'),
    text: context.positionals.join(' ') || text('subject'),
    ...windowOf(context),
  };
  if (!Object.values(query).some(Boolean)) throw new UsageError('say what to look for');
  return { ...query, limit: wholeNumber(context, 'limit') };
}

async function mailOf({ api }: CommandContext, key: string): Promise<Mail> {
  return api.call('POST /messages/:key/mail', { params: { key } });
}

function showMail(terminal: CommandContext['terminal'], { mail, text }: Mail): void {
  if (!mail) {
    terminal.paragraph(text, 0);
  } else {
    const { subject, from, receivedAt, files, webLink } = mail;
    const lines: [string, string | null][] = [
      ['subject', subject],
      ['from', [from.name, from.address && `<${from.address}>`].filter(Boolean).join(' ')],
      ['received', receivedAt],
      ...files.map(({ name, bytes, contentType }): [string, string] => [
        'file',
        [name, contentType, bytes !== null && `${bytes} bytes`].filter(Boolean).join(', '),
      ]),
      ['in Outlook', webLink],
    ];
    for (const [what, told] of lines) if (told) terminal.line(`${what.padEnd(11)} ${clean(told)}`);
  }
  terminal.line();
}

/** null: an older console, which does not tell */
async function timelineOf({ api }: CommandContext, key: string): Promise<Event[] | null> {
  try {
    return (await api.call('GET /messages/:key', { params: { key } })).timeline;
  } catch (error) {
    if (error instanceof ConsoleApiError && error.status === 404) return null;
    throw error;
  }
}

function rowOf({ key, mailbox, receivedAt, state, reason, receipt, at, sessionId, job }: Found) {
  return {
    key,
    // An older console does not tell.
    mailbox: mailbox?.label ?? null,
    received: receivedAt,
    state,
    since: at,
    why: reason ?? receipt ?? null,
    queue: job && `${job.queue}${job.failed ? ' (dead)' : ''}`,
    session: sessionId ?? null,
  };
}
