import { ON_TIME_OBJECTIVE, type OnTime, type Overview, onTimePercent } from '@ms1/console-api';
import { MESSAGE_STATES } from '@ms1/contracts';

import { type Command, EXIT, UsageError, wholeNumber } from '../command.ts';
import type { Terminal } from '../terminal.ts';

const STYLES = { flowing: 'green', quiet: 'green', attention: 'yellow', stopped: 'red' } as const;

export const statusCommands: Record<string, Command> = {
  status: {
    about: 'is mail flowing? One screen; exits with 1 when it is not',
    async run({ api, terminal }) {
      const overview = await api.call('GET /overview');
      terminal.result(overview, () => show(terminal, overview));
      return overview.verdict === 'stopped' ? EXIT.no : EXIT.ok;
    },
  },
  watch: {
    about: 'the same, again and again, until Ctrl-C; with --json one document a line',
    options: {
      every: { type: 'string', value: 'seconds', about: 'default 2' },
      times: { type: 'string', value: 'n', about: 'stops after this many' },
    },
    async run(context) {
      const { api, terminal, wait, stopped } = context;
      const seconds = wholeNumber(context, 'every') ?? 2;
      if (seconds < 1) throw new UsageError('--every must be at least 1');
      const times = wholeNumber(context, 'times') ?? Number.POSITIVE_INFINITY;
      let verdict: Overview['verdict'] = 'quiet';
      for (let shown = 0; shown < times && !stopped.aborted; shown += 1) {
        if (shown > 0) await wait(seconds * 1_000);
        const overview = await api.call('GET /overview');
        ({ verdict } = overview);
        if (terminal.json) terminal.line(JSON.stringify(overview));
        else {
          terminal.wipe();
          terminal.line(`every ${seconds} s; Ctrl-C ends`, 'dim');
          show(terminal, overview);
        }
      }
      return verdict === 'stopped' ? EXIT.no : EXIT.ok;
    },
  },
};

/** A console of an earlier release has no headline, and knows of no objective. */
type Seen = Omit<Overview, 'headline' | 'onTime'> & Partial<Pick<Overview, 'headline' | 'onTime'>>;

function show(terminal: Terminal, overview: Seen): void {
  const { verdict, headline = `Mail: ${verdict}`, at } = overview;
  terminal.line(`${headline} (as of ${at.slice(11, 19)} UTC).`, STYLES[verdict]);
  for (const concern of overview.concerns) terminal.paragraph(`  ${concern.text}`, 4);
  terminal.line();
  const { noticed, prepared, delivered } = overview.rates;
  terminal.table(
    [
      {
        'per second': 'messages',
        noticed: rounded(noticed),
        prepared: rounded(prepared),
        delivered: rounded(delivered),
      },
    ],
    '',
  );
  terminal.line();
  terminal.table(
    overview.queues.map(({ name, waiting, active, delayed, failed, paused, oldestSeconds }) => ({
      queue: paused ? `${name} (paused)` : name,
      waiting,
      active,
      delayed,
      dead: failed,
      'oldest, s': oldestSeconds === undefined ? null : rounded(oldestSeconds),
    })),
    '',
  );
  terminal.line();
  const { total, stale } = overview.mailboxes;
  terminal.table(
    [
      {
        mailboxes: total,
        stale,
        ...Object.fromEntries(MESSAGE_STATES.map((state) => [state, overview.totals[state]])),
      },
    ],
    '',
  );
  if (overview.onTime) showOnTime(terminal, overview.onTime);
  const unfinished = overview.sessions.filter(({ status }) => /^(open|closing)$/.test(status));
  if (unfinished.length === 0) return;
  terminal.line();
  terminal.table(
    unfinished.map(({ id, name, status, paused, found }) => ({
      session: id,
      name,
      status: paused ? `${status}, paused` : status,
      found,
    })),
    '',
  );
}

function showOnTime(terminal: Terminal, { today, month }: OnTime): void {
  if (month.timed === 0) return;
  const told = (kept: OnTime['today']): string => `${onTimePercent(kept) ?? '-'} %`;
  terminal.line();
  terminal.line(
    `Within a minute of their arrival: ${told(today)} today, ${told(month)} in 30 days (objective ${ON_TIME_OBJECTIVE * 100} %).`,
  );
}

function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value * 10) / 10;
}
