import type { Overview, SessionView } from '@ms1/console-api';
import type { GateState, ProcessRecord } from '@ms1/coordination';
import type { Ledger, Session, SessionStore } from '@ms1/ledger';
import type { QueueDepth } from '@ms1/queue';
import type { Clock } from '@ms1/runtime';

import type { SessionRate } from '../sessions/session-rates.ts';
import type { CauseSummary } from './cause-summary.ts';
import { firstEnds } from './first-ends.ts';
import { FlowRates } from './flow-rates.ts';
import { judgeFlow } from './judge-flow.ts';
import { judgeScaling } from './judge-scaling.ts';
import type { MailboxFreshness } from './mailbox-freshness.ts';

export interface SamplerOptions {
  depths: () => Promise<QueueDepth[]>;
  ledger: Pick<Ledger, 'totals'>;
  gate: () => Promise<GateState>;
  sessions: Pick<SessionStore, 'unfinished' | 'list' | 'get'>;
  rateOf: (session: Session) => SessionRate;
  causes: Pick<CauseSummary, 'read'>;
  mailboxes: Pick<MailboxFreshness, 'read'>;
  /** those that are alive */
  processes: () => Promise<Pick<ProcessRecord, 'app' | 'unready' | 'credentials'>[]>;
  /** ms since the epoch: when the store was found empty and begun anew; null: never. Default null */
  resetAt?: () => number | null;
  clock: Clock;
}

/** Sessions shown: those that are at work, and as many of the latest as make it this many. */
const SESSIONS = 12;
/** ms for which a look is as good as a new one. */
const FRESH_MS = 900;

/**
 * Looks at the service. One for a process: what a look costs Redis (about ten round trips, at most) does
 * not depend on how many pages or commands ask.
 */
export class Sampler {
  readonly #options: SamplerOptions;
  readonly #rates = new FlowRates();
  #last: { at: number; overview: Overview } | undefined;
  #running: Promise<Overview> | undefined;

  constructor(options: SamplerOptions) {
    this.#options = options;
  }

  /** The last look where it is fresh, else a new one; whoever asks meanwhile gets the same. */
  async overview(): Promise<Overview> {
    const now = this.#options.clock.now();
    if (this.#last && now - this.#last.at < FRESH_MS) return this.#last.overview;
    this.#running ??= this.#look().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #look(): Promise<Overview> {
    const { depths, ledger, gate, causes, mailboxes, processes, clock } = this.#options;
    const [queues, totals, ms4, sessions, { onTime, ...freshness }, alive] = await Promise.all([
      depths(),
      ledger.totals(),
      gate(),
      this.#sessions(),
      mailboxes.read(),
      processes(),
    ]);
    const at = clock.now();
    this.#rates.add(at, totals);
    const observed = {
      rates: this.#rates.rates(),
      queues: queues.map((queue) => viewOf(queue, at)),
      ms4: { gate: ms4.state, forSeconds: Math.ceil(ms4.forMs / 1_000) },
      deadLetters: {
        total: queues.reduce((sum, { name, failed }) => sum + (name === 'polling' ? 0 : failed), 0),
        ...(await causes.read(queues.filter(({ name }) => name !== 'polling'))),
      },
      mailboxes: freshness,
    };
    const unready = alive.filter((process) => process.unready.length > 0);
    const overview = {
      at: new Date(at).toISOString(),
      ...judgeFlow({
        ...observed,
        unready,
        ends: [...firstEnds(alive)].map(([name, end]) => ({ name, at: end, inMs: end - at })),
        resetSecondsAgo: this.#resetSecondsAgo(at),
      }),
      ...observed,
      onTime,
      scaling: judgeScaling({ ...observed, processes: alive }),
      history: this.#rates.history(),
      totals,
      sessions,
    };
    this.#last = { at, overview };
    return overview;
  }

  #resetSecondsAgo(now: number): number | null {
    const resetAt = this.#options.resetAt?.() ?? null;
    return resetAt === null ? null : Math.max(0, now - resetAt) / 1_000;
  }

  async #sessions(): Promise<SessionView[]> {
    const { sessions, rateOf } = this.#options;
    const [unfinished, latest] = await Promise.all([
      sessions.unfinished(),
      sessions.list({ limit: SESSIONS }),
    ]);
    const missing = unfinished.filter((id) => !latest.some((session) => session.id === id));
    const older = await Promise.all(missing.map((id) => sessions.get(id)));
    const all = [...latest, ...older.filter((session) => session !== null)];
    const atWork = all.filter(({ status }) => status === 'open' || status === 'closing');
    const ended = all.filter((session) => !atWork.includes(session));
    return [...atWork, ...ended.slice(0, Math.max(0, SESSIONS - atWork.length))].map((session) =>
      present(session, rateOf(session)),
    );
  }
}

function viewOf(queue: QueueDepth, now: number): Overview['queues'][number] {
  const { name, waiting, active, delayed, failed, paused, gatedForMs, oldestAt } = queue;
  return {
    name,
    waiting,
    active,
    delayed,
    failed,
    paused,
    gatedForSeconds: Math.ceil(gatedForMs / 1_000),
    oldestSeconds: oldestAt === null ? null : Math.max(0, Math.round((now - oldestAt) / 1_000)),
  };
}

function present(session: Session, rate: SessionRate): SessionView {
  const { id, name, status, paused, mailboxes, from, to, counts, found, scans } = session;
  return {
    id,
    name,
    status,
    paused,
    mailboxes: mailboxes.length,
    from,
    to,
    createdAt: new Date(session.createdAt).toISOString(),
    finishedAt: session.finishedAt === null ? null : new Date(session.finishedAt).toISOString(),
    counts,
    found,
    scans,
    rate,
  };
}
