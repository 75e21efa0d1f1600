import { setTimeout as delay } from 'node:timers/promises';
import type { GraphPermits } from '@ms1/coordination';
import type { Clock } from '@ms1/runtime';

import {
  GraphError,
  GraphThrottledError,
  GraphTransientError,
  GraphUnaskedError,
  GraphUnavailableError,
} from '../errors/graph-error.ts';
import { type CallPlan, type Governor, type Granted, MAILBOX_PERMITS } from './governor.ts';
import { MailboxSemaphore } from './mailbox-semaphore.ts';
import { mayStillRun } from './may-still-run.ts';
import { RetryPacer } from './retry-pacer.ts';

type Granting = Extract<Awaited<ReturnType<GraphPermits['acquire']>>, { granted: true }>;

export interface MailboxGovernorOptions {
  /** of the fleet: they decide what may be asked of a mailbox */
  permits: Pick<GraphPermits, 'acquire' | 'hold' | 'limits'>;
  clock: Clock;
  /** [0, 1) */
  random?: () => number;
  /** ms a call waits for its permits before it is given back as throttled; default 10000 */
  waitMsMax?: number;
  /** ms it waits for a mailbox that is held or spent; default as `waitMsMax`. 0 for who has other work meanwhile */
  holdWaitMsMax?: number;
  /** told the share of a mailbox's window that is used, with each grant, and where it is used up */
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

/** Holds that are remembered at most before those that have ended are forgotten. */
const HOLDS_MAX = 1_000;

/**
 * Waits for permits with jitter, always gives them back, and holds a mailbox that Graph throttles or that is not
 * available. Instead of waiting long it throws: the job is snoozed, and its worker does something else.
 */
export class MailboxGovernor implements Governor {
  readonly #options: MailboxGovernorOptions;
  readonly #waitMsMax: number;
  readonly #semaphores = new Map<string, MailboxSemaphore>();
  readonly #spent: RetryPacer;
  /** by mailbox, what its permits told last: held until, and until when that is believed without asking */
  readonly #holds = new Map<string, { until: number; believedUntil: number }>();

  constructor(options: MailboxGovernorOptions) {
    const { windowRequests, windowMs } = options.permits.limits;
    this.#options = options;
    this.#waitMsMax = options.waitMsMax ?? 10_000;
    this.#spent = new RetryPacer(windowMs / windowRequests, windowMs);
  }

  async run<T>(
    plan: CallPlan<T> | null,
    call: (granted: Granted) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    if (plan === null) return call({ probe: false, requests: 1 });
    signal?.throwIfAborted();
    const { mailboxId, requests: all = 1, least, priority } = plan;
    const wanted = Math.min(all, MAILBOX_PERMITS);
    const begun = plan.since ?? this.#now();
    // It has waited elsewhere: whoever has other work shall have its hands free for it.
    if (this.#now() > begun + this.#waitMsMax) throw refused(1_000);
    const { slots } = this.#options.permits.limits;
    const semaphore = this.#semaphores.get(mailboxId) ?? new MailboxSemaphore(slots);
    this.#semaphores.set(mailboxId, semaphore);
    const place = semaphore.enter(wanted, priority !== 'backfill', least);
    try {
      // Most turns come at once, and need no timer.
      if (place.taken === 0) await this.#waitFor(place.turn, begun + this.#waitMsMax, signal);
      if (place.taken === 0) throw refused(1_000);
      const { taken } = place;
      const asked = { permits: taken, requests: taken < wanted ? taken : all };
      const permit = await this.#acquire(plan, asked, begun, signal);
      const requests = permit.permits < asked.permits ? permit.permits : asked.requests;
      return await this.#runWith(
        permit,
        plan,
        () => call({ probe: permit.probe, requests }),
        signal,
      );
    } finally {
      semaphore.leave(place);
      if (semaphore.idle) this.#semaphores.delete(mailboxId);
    }
  }

  async hold(mailboxId: string, ms: number | null, hold: { probe: boolean }): Promise<void> {
    const { permits } = this.#options;
    // Where it cannot be told to the others, this process at least keeps to it.
    const held = await permits.hold(mailboxId, ms, hold).catch(() => ms ?? HOLD_REMEMBERED_MS);
    this.#remember(mailboxId, held);
  }

  /** Gives the permit back, and tells what the call showed of the mailbox. */
  async #runWith<T>(
    permit: Granting,
    plan: CallPlan<T>,
    call: () => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    const { mailboxId } = plan;
    let well = true;
    let answered = true;
    try {
      const result = await call();
      if (permit.parked && (plan.isServed?.(result) ?? true)) this.#options.onServed?.(mailboxId);
      return result;
    } catch (error) {
      // Whatever the mailbox itself refuses, it is there; of a call that was aborted nothing is known.
      well =
        error instanceof GraphError &&
        !(error instanceof GraphTransientError || error instanceof GraphThrottledError);
      answered = !mayStillRun(error, signal);
      if (error instanceof GraphThrottledError) {
        await this.hold(mailboxId, error.retryAfterMs, { probe: false });
      } else if (error instanceof GraphUnavailableError && error.status !== null) {
        await this.hold(mailboxId, error.retryAfterMs, { probe: true });
      }
      throw error;
    } finally {
      // Not waited for: the next in line asks in the same turn, and both are one command. A permit that
      // cannot be given back expires by itself; the call's outcome stands.
      permit.release(well, answered).catch(() => undefined);
    }
  }

  async #acquire(
    plan: CallPlan<never>,
    asked: { permits: number; requests: number },
    begun: number,
    signal?: AbortSignal,
  ) {
    const { permits, random = Math.random, onUsed } = this.#options;
    const { holdWaitMsMax = this.#waitMsMax } = this.#options;
    const { mailboxId, least = asked.permits, priority } = plan;
    const ask = { ...asked, mailboxId, least, live: priority !== 'backfill' };
    let ticket: string | undefined;
    for (let tries = 0; ; tries += 1) {
      signal?.throwIfAborted();
      const now = this.#now();
      const known = this.#holds.get(mailboxId);
      const believed = known !== undefined && now < known.believedUntil;
      const answer = believed
        ? { granted: false as const, reason: 'held' as const, retryInMs: known.until - now, ticket }
        : await permits.acquire({ ...ask, ticket }).catch(unasked);
      // A mailbox whose window is used up is granted nothing: that is told too, or nobody would be.
      if ('used' in answer && answer.used !== undefined) onUsed?.(answer.used);
      if (answer.granted) return answer;
      ticket = answer.ticket;
      const { reason, retryInMs } = answer;
      const busy = reason === 'busy';
      if (reason === 'held' && !believed) this.#remember(mailboxId, retryInMs);
      const grown = busy ? Math.min(retryInMs * BUSY_GROWTH ** tries, BUSY_MS_MAX) : 0;
      const pauseMs = Math.max(retryInMs, grown);
      // Up to half again, so that those who wait for the same mailbox do not come back together.
      const waitMs = Math.ceil(Math.max(pauseMs, 5) * (1 + random() / 2));
      if (this.#now() + waitMs > begun + (busy ? this.#waitMsMax : holdWaitMsMax)) {
        if (reason !== 'spent') throw refused(waitMs);
        throw refused(this.#spent.next(`${priority} ${mailboxId}`, asked.requests, retryInMs, now));
      }
      await this.#wait(waitMs, signal);
    }
  }

  #remember(mailboxId: string, ms: number): void {
    const now = this.#now();
    if (this.#holds.size > HOLDS_MAX) {
      for (const [id, { believedUntil }] of this.#holds) {
        if (believedUntil <= now) this.#holds.delete(id);
      }
    }
    const believedUntil = now + Math.min(ms, HOLD_REMEMBERED_MS);
    this.#holds.set(mailboxId, { until: now + ms, believedUntil });
  }

  /** Until `turn` resolves or it is `until`. @throws the signal's reason */
  async #waitFor(turn: Promise<void>, until: number, signal?: AbortSignal): Promise<void> {
    const timer = new AbortController();
    const stop = signal ? AbortSignal.any([timer.signal, signal]) : timer.signal;
    const late = this.#wait(Math.max(until - this.#now(), 0), stop).catch(() => undefined);
    await Promise.race([turn, late]);
    timer.abort();
    signal?.throwIfAborted();
  }

  #wait(ms: number, signal?: AbortSignal): Promise<unknown> {
    const { wait } = this.#options;
    return wait ? wait(ms, signal) : delay(ms, undefined, signal ? { signal } : {});
  }

  #now(): number {
    return this.#options.clock.now();
  }
}

function refused(waitMs: number): GraphThrottledError {
  return new GraphThrottledError('must not be called for this mailbox now', {
    status: null,
    retryAfterMs: Math.max(Math.ceil(waitMs), 1_000),
  });
}

function unasked(cause: unknown): never {
  throw cause instanceof RangeError ? cause : new GraphUnaskedError(cause);
}
