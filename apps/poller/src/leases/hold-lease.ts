import { setTimeout as delay } from 'node:timers/promises';
import type { Lease } from '@ms1/coordination';

/** What keeps a lease and gives it back. */
export type HeldLease = Pick<Lease, 'ttlMs' | 'renew' | 'release'>;

/** Resolves after so many ms; rejects when the signal aborts. */
export type Wait = (ms: number, signal: AbortSignal) => Promise<unknown>;

const wait: Wait = (ms, signal) => delay(ms, undefined, { signal });

/**
 * Keeps a lease for as long as `work` takes, whatever it waits for, and gives it back. When it is lost the
 * work's signal aborts, because another has begun.
 */
export async function holdLease<T>(
  lease: HeldLease,
  work: (signal: AbortSignal) => Promise<T>,
  signal: AbortSignal,
  waiting: Wait = wait,
): Promise<T> {
  const ended = new AbortController();
  const lost = new AbortController();
  const keep = async (): Promise<void> => {
    while (!ended.signal.aborted) {
      // A third, so that one renewal may fail.
      await waiting(lease.ttlMs / 3, ended.signal).catch(() => undefined);
      if (ended.signal.aborted) return;
      // A Redis that is away may still have it: the next renewal tells.
      if (!(await lease.renew().catch(() => true))) return lost.abort();
    }
  };
  const keeping = keep();
  try {
    return await work(AbortSignal.any([signal, lost.signal]));
  } finally {
    ended.abort();
    await keeping;
    await lease.release();
  }
}
