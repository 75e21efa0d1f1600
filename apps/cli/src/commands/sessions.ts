import { type AnswerOf, ConsoleApiError } from '@ms1/console-api';

import { type Command, type CommandContext, EXIT, needed, UsageError } from '../command.ts';
import { CSV, LIST, mostOf, printCsv } from '../print-csv.ts';
import { follow, WINDOW, windowOf } from './audits.ts';

type Session = AnswerOf<'GET /sessions/:id'>;

const POLL_MS = 500;

const step = (action: 'close' | 'cancel' | 'pause' | 'resume', about: string): Command => ({
  args: '<id>',
  about,
  async run(context) {
    const id = needed(context, 'the session');
    return show(
      context,
      await context.api.call(`POST /sessions/:id/${action}`, { params: { id } }),
    );
  },
});

export const sessionCommands: Record<string, Command> = {
  'sessions start': {
    about: 'opens a session over mailboxes and a window of time',
    options: {
      name: { type: 'string', about: 'its name' },
      ...WINDOW,
      wait: { type: 'boolean', about: 'closes it, lists its mailboxes and prints its report' },
      ...CSV,
    },
    async run(context) {
      const name = context.text('name');
      if (name === undefined) throw new UsageError('give it a name: --name');
      const { api } = context;
      const session = await api.call('POST /sessions', { body: { name, ...windowOf(context) } });
      if (!context.flag('wait')) return show(context, session);
      await api.call('POST /sessions/:id/close', { params: { id: session.id } });
      return complete(context, session.id);
    },
  },
  'sessions list': {
    about: 'the latest first',
    options: LIST,
    async run(context) {
      const { api, terminal } = context;
      const most = mostOf(context);
      if (context.flag('csv')) {
        await printCsv(context, 'GET /sessions', api.pages('GET /sessions', {}, most));
        return EXIT.ok;
      }
      const sessions = await api.list('GET /sessions', {}, most);
      terminal.result(sessions, () =>
        terminal.table(sessions.map(rowOf), 'There is no session yet.'),
      );
      return EXIT.ok;
    },
  },
  'sessions show': {
    args: '<id>',
    about: 'its progress, rate and reasons',
    options: {
      wait: { type: 'boolean', about: 'waits until it is finished, and prints its report' },
      ...CSV,
    },
    async run(context) {
      const id = needed(context, 'the session');
      if (context.flag('wait')) return complete(context, id);
      return show(context, await context.api.call('GET /sessions/:id', { params: { id } }));
    },
  },
  'sessions close': step('close', 'ends its window now and lists its mailboxes'),
  'sessions cancel': step('cancel', 'ends it; what is on the queues goes on by itself'),
  'sessions pause': step('pause', 'stops its listing until it is resumed'),
  'sessions resume': step('resume', 'continues a paused or cancelled session'),
};

/** Waits until a session is finished and shows its report. @returns the exit code that the report stands for */
async function complete(context: CommandContext, id: string): Promise<number> {
  const { api, terminal, wait } = context;
  for (;;) {
    const session = await api.call('GET /sessions/:id', { params: { id } });
    if (session.status === 'cancelled') {
      await show(context, session);
      return EXIT.no;
    }
    if (session.status === 'finished' || session.status === 'incomplete') break;
    const { delivered, skipped, dead } = session.counts;
    const folders = `${session.scans.done} of ${session.scans.total} folders listed`;
    terminal.progress(delivered + skipped + dead, session.found, `final, ${folders}`);
    await wait(POLL_MS);
  }
  for (;;) {
    // The console begins the report within a second after the session is finished.
    try {
      return await follow(context, await api.call('GET /sessions/:id/report', { params: { id } }));
    } catch (error) {
      if (!(error instanceof ConsoleApiError && error.status === 404)) throw error;
      await wait(POLL_MS);
    }
  }
}

async function show(context: CommandContext, session: Session): Promise<number> {
  const { terminal } = context;
  if (context.flag('csv')) {
    await printCsv(context, 'GET /sessions', [[session]]);
    return EXIT.ok;
  }
  terminal.result(session, () => {
    terminal.table([rowOf(session)], '');
    const reasons = Object.entries(session.reasons);
    if (reasons.length > 0) terminal.line();
    terminal.table(
      reasons.map(([reason, messages]) => ({ reason, messages })),
      '',
    );
  });
  return EXIT.ok;
}

function rowOf({ id, name, status, paused, counts, found, scans, rate }: Session) {
  return {
    id,
    name,
    status: paused ? `${status}, paused` : status,
    found,
    queued: counts.queued + counts.prepared,
    delivered: counts.delivered,
    skipped: counts.skipped,
    dead: counts.dead,
    folders: `${scans.done}/${scans.total}`,
    'per s': Math.round(rate.perSecond),
    left: rate.etaSeconds === null ? null : duration(rate.etaSeconds),
  };
}

function duration(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  return `${minutes}:${String(Math.round(seconds % 60)).padStart(2, '0')} min`;
}
