import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '@ms1/runtime';

import { GraphThrottledError } from '../errors/graph-error.ts';
import type { Governor } from './governor.ts';

/** The fleet's permits. `GraphPermits` of the store is one. */
export interface PermitSource {
  /** All of them or none, so that two calls can not wait for each other for ever. */
  acquire(
    weights: ReadonlyMap<string, number>,
  ): Promise<
    { granted: true; release: () => Promise<unknown> } | { granted: false; retryInMs: number }
  >;
  /** Grants nothing for this mailbox for `ms`. */
  hold(mailboxId: string, ms: number): Promise<unknown>;
}

export interface CreateGovernorOptions {
  permits: PermitSource;
  clock: Clock;
  /** [0, 1) */
  random?: () => number;
  /** ms a call waits for its permits before it is given back as throttled; default 10000 */
  waitMsMax?: number;
  /** waits; for tests in virtual time */
  wait?: (ms: number, signal?: AbortSignal) => Promise<unknown>;
}

/** Longest backoff for a mailbox that throttles without saying for how long (reliability G2). */
const BACKOFF_MS_MAX = 300_000;

/**
 * Waits for permits with jitter, gives them back whatever happens, and holds a mailbox that Graph
 * throttles. A wait that would take long is not waited for: the job is snoozed and its worker does
 * something else.
 */
export function createGovernor(options: CreateGovernorOptions): Governor {
  const { permits, clock, random = Math.random, waitMsMax = 10_000 } = options;
  const wait = options.wait ?? ((ms, signal) => delay(ms, undefined, signal ? { signal } : {}));
  /** throttled answers in a row, by mailbox: a row ends when none came for as long again as was waited */
  const streaks = new Map<string, { count: number; endsAt: number }>();

  const acquire = async (weights: ReadonlyMap<string, number>, signal?: AbortSignal) => {
    const deadline = clock.now() + waitMsMax;
    for (;;) {
      signal?.throwIfAborted();
      const answer = await permits.acquire(weights);
      if (answer.granted) return answer.release;
      // Up to half again, so that those who wait for the same mailbox do not come back together.
      const waitMs = Math.ceil(Math.max(answer.retryInMs, 5) * (1 + random() / 2));
      if (clock.now() + waitMs > deadline) {
        const facts = { status: null, retryAfterMs: Math.max(waitMs, 1_000) };
        throw new GraphThrottledError('has all permits of the mailbox in use', facts);
      }
      await wait(waitMs, signal);
    }
  };

  const governor: Governor = {
    async run(weights, call, signal) {
      const release = await acquire(weights, signal);
      try {
        return await call();
      } catch (error) {
        if (error instanceof GraphThrottledError) {
          for (const mailboxId of weights.keys()) {
            await governor.throttled(mailboxId, error.retryAfterMs);
          }
        }
        throw error;
      } finally {
        // A permit that cannot be given back expires by itself; the call's outcome stands.
        await release().catch(() => undefined);
      }
    },
    async throttled(mailboxId, retryAfterMs) {
      const now = clock.now();
      const row = streaks.get(mailboxId);
      const count = row && now < row.endsAt ? row.count + 1 : 1;
      // Full jitter over 2^n s, never at once: refused calls count against the quota (Graph contract 7).
      const backoffMs = 1_000 + random() * Math.min(1_000 * 2 ** count, BACKOFF_MS_MAX);
      const holdMs = Math.ceil(retryAfterMs ?? backoffMs);
      streaks.set(mailboxId, { count, endsAt: now + 2 * holdMs });
      await permits.hold(mailboxId, holdMs);
    },
  };
  return governor;
}
