import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '@ms1/runtime';

import {
  GraphError,
  GraphThrottledError,
  GraphTransientError,
  GraphUnaskedError,
  GraphUnavailableError,
} from '../errors/graph-error.ts';
import { type CallPlan, type Governor, MAILBOX_PERMITS } from './governor.ts';
import { MailboxLine } from './mailbox-line.ts';
import { mayStillRun } from './may-still-run.ts';
import { SpreadWaits } from './spread-waits.ts';

/** The fleet's permits. `GraphPermits` of coordination is one. */
interface PermitSource {
  acquire(ask: {
    mailboxId: string;
    permits: number;
    least?: number | undefined;
    requests: number;
    live: boolean;
    ticket?: string | undefined;
  }): Promise<
    | {
        granted: true;
        permits: number;
        probe: boolean;
        /** messages wait for the mailbox to answer well; default false */
        parked?: boolean;
        /** share of the window's requests that are used */
        used: number;
        release: (well?: boolean, answered?: boolean) => Promise<unknown>;
      }
    | {
        granted: false;
        reason: 'held' | 'spent' | 'busy';
        retryInMs: number;
        ticket: string;
      }
  >;
  /** Grants nothing for this mailbox for `ms`, or a growing backoff when null; answers with the ms it is held. */
  hold(mailboxId: string, ms: number | null, options?: { probe?: boolean }): Promise<number>;
}

export interface CreateGovernorOptions {
  permits: PermitSource;
  clock: Clock;
  /** [0, 1) */
  random?: () => number;
  /** requests that a mailbox's window has; default 10,000 in 600,000 ms */
  window?: { requests: number; ms: number };
  /** requests in flight a mailbox; default 4 */
  slots?: number;
  /** ms a call waits for its permits before it is given back as throttled; default 10000 */
  waitMsMax?: number;
  /** ms it waits for a mailbox that is held or spent; default as `waitMsMax`. 0 for who has other work meanwhile */
  holdWaitMsMax?: number;
  /** told the share of a mailbox's window that is used, with each grant */
  onUsed?: (used: number) => void;
  /** told of a mailbox that answers well while messages that it refused are parked */
  onServed?: (mailboxId: string) => void;
  /** waits; for tests in virtual time */
  wait?: (ms: number, signal?: AbortSignal) => Promise<unknown>;
}

/**
 * Who waits for slots asks after 25, 40, 64, 102, 164, 200 ms: within a $batch of the 20 ms that a request takes at
 * best about as often as without growth, and 8 times instead of 30 in one of a second. Below half a claim (GraphPermits).
 */
const BUSY_GROWTH = 1.6;
const BUSY_MS_MAX = 200;
/** A hold is asked for again after this long: a probe of another process may have ended it. */
const HOLD_REMEMBERED_MS = 1_000;

/**
 * Waits for permits with jitter, gives them back whatever happens, and holds a mailbox that Graph
 * throttles or that is not available. A wait that would take long is not waited for: the job is
 * snoozed and its worker does something else.
 */
export function createGovernor(options: CreateGovernorOptions): Governor {
  const { permits, clock, random = Math.random, slots = MAILBOX_PERMITS } = options;
  const { waitMsMax = 10_000, holdWaitMsMax = waitMsMax } = options;
  const wait = options.wait ?? ((ms, signal) => delay(ms, undefined, signal ? { signal } : {}));
  const { requests: inWindow, ms: windowMs } = options.window ?? { requests: 10_000, ms: 600_000 };
  const spent = new SpreadWaits(windowMs / inWindow, windowMs);
  const lines = new Map<string, MailboxLine>();
  /** by mailbox: held until, and until when that is believed without asking */
  const holds = new Map<string, { until: number; believedUntil: number }>();

  const remember = (mailboxId: string, ms: number): void => {
    const now = clock.now();
    if (holds.size > 1_000) {
      for (const [id, { believedUntil }] of holds) if (believedUntil <= now) holds.delete(id);
    }
    holds.set(mailboxId, {
      until: now + ms,
      believedUntil: now + Math.min(ms, HOLD_REMEMBERED_MS),
    });
  };
  const hold = async (mailboxId: string, ms: number | null, probe: boolean): Promise<void> => {
    // Where it cannot be told to the others, this process at least keeps to it.
    const held = await permits.hold(mailboxId, ms, { probe }).catch(() => ms ?? HOLD_REMEMBERED_MS);
    remember(mailboxId, held);
  };
  const lineOf = (mailboxId: string): MailboxLine => {
    const known = lines.get(mailboxId);
    if (known) return known;
    const line = new MailboxLine(slots);
    lines.set(mailboxId, line);
    return line;
  };
  const refused = (waitMs: number): GraphThrottledError =>
    new GraphThrottledError('is not to be asked for this mailbox now', {
      status: null,
      retryAfterMs: Math.max(Math.ceil(waitMs), 1_000),
    });

  const acquire = async (plan: CallPlan, begun: number, signal?: AbortSignal) => {
    const { mailboxId, permits: wanted, least = wanted, requests, priority } = plan;
    const ask = { mailboxId, permits: wanted, least, requests, live: priority !== 'backfill' };
    let ticket: string | undefined;
    for (let asked = 0; ; asked += 1) {
      signal?.throwIfAborted();
      const now = clock.now();
      const known = holds.get(mailboxId);
      const believed = known !== undefined && now < known.believedUntil;
      const answer = believed
        ? { granted: false as const, reason: 'held' as const, retryInMs: known.until - now, ticket }
        : await permits.acquire({ ...ask, ticket }).catch(unasked);
      if (answer.granted) {
        options.onUsed?.(answer.used);
        return answer;
      }
      ticket = answer.ticket;
      const { reason, retryInMs } = answer;
      const busy = reason === 'busy';
      if (reason === 'held' && !believed) remember(mailboxId, retryInMs);
      const grown = busy ? Math.min(retryInMs * BUSY_GROWTH ** asked, BUSY_MS_MAX) : 0;
      const pauseMs = Math.max(retryInMs, grown);
      // Up to half again, so that those who wait for the same mailbox do not come back together.
      const waitMs = Math.ceil(Math.max(pauseMs, 5) * (1 + random() / 2));
      if (clock.now() + waitMs > begun + (busy ? waitMsMax : holdWaitMsMax)) {
        if (reason !== 'spent') throw refused(waitMs);
        throw refused(spent.next(`${priority} ${mailboxId}`, requests, retryInMs, now));
      }
      await wait(waitMs, signal);
    }
  };

  const governor: Governor = {
    async run(plan, call, signal) {
      if (plan === null) return call({ probe: false, requests: 1 });
      signal?.throwIfAborted();
      const { mailboxId, permits: wanted, least } = plan;
      const begun = plan.since ?? clock.now();
      // It has waited elsewhere: whoever has other work shall have its hands free for it.
      if (clock.now() > begun + waitMsMax) throw refused(1_000);
      const line = lineOf(mailboxId);
      const { turn, leave } = line.enter(wanted, plan.priority !== 'backfill', least);
      try {
        const taken = await inTime(
          turn,
          (stop) => wait(Math.max(begun + waitMsMax - clock.now(), 0), stop),
          () => refused(1_000),
          signal,
        );
        const asked = taken < wanted ? { ...plan, permits: taken, requests: taken } : plan;
        const permit = await acquire(asked, begun, signal);
        let well = true;
        let answered = true;
        try {
          const requests = permit.permits < asked.permits ? permit.permits : asked.requests;
          const result = await call({ probe: permit.probe, requests });
          if (permit.parked && (plan.isServed?.(result) ?? true)) options.onServed?.(mailboxId);
          return result;
        } catch (error) {
          // Whatever the mailbox itself refuses, it is there; of a call that was aborted nothing is known.
          well =
            error instanceof GraphError &&
            !(error instanceof GraphTransientError || error instanceof GraphThrottledError);
          answered = !mayStillRun(error, signal);
          if (error instanceof GraphThrottledError) {
            await governor.throttled(mailboxId, error.retryAfterMs);
          } else if (error instanceof GraphUnavailableError && error.status !== null) {
            await governor.unavailable(mailboxId, error.retryAfterMs);
          }
          throw error;
        } finally {
          // Not waited for: the next in line asks in the same turn, and both are one command. A permit that
          // cannot be given back expires by itself; the call's outcome stands.
          permit.release(well, answered).catch(() => undefined);
        }
      } finally {
        leave();
        if (line.idle) lines.delete(mailboxId);
      }
    },
    async throttled(mailboxId, retryAfterMs) {
      await hold(mailboxId, retryAfterMs, false);
    },
    async unavailable(mailboxId, retryAfterMs) {
      await hold(mailboxId, retryAfterMs, true);
    },
  };
  return governor;
}

function unasked(cause: unknown): never {
  throw cause instanceof RangeError ? cause : new GraphUnaskedError(cause);
}

/** Waits for `turn`, but not longer than `wait` does. */
async function inTime(
  turn: Promise<number>,
  wait: (stop: AbortSignal) => Promise<unknown>,
  lateError: () => Error,
  signal?: AbortSignal,
): Promise<number> {
  let taken: number | undefined;
  const arrived = (async (): Promise<void> => {
    taken = await turn;
  })();
  // Most turns come at once, and need no timer.
  await Promise.race([arrived, Promise.resolve()]);
  if (taken !== undefined) return taken;
  const timer = new AbortController();
  const stop = signal ? AbortSignal.any([timer.signal, signal]) : timer.signal;
  try {
    await Promise.race([arrived, wait(stop).catch(() => undefined)]);
    signal?.throwIfAborted();
    if (taken === undefined) throw lateError();
    return taken;
  } finally {
    timer.abort();
  }
}
