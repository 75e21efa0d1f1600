/** The right to be the only one, until it expires. */
interface SoleLease {
  /** false when it was lost */
  renew(): Promise<boolean>;
  release(): Promise<void>;
}

export interface UnderLeaseOptions {
  acquire: () => Promise<SoleLease | null>;
  /** ms between two renewals: a third of the lease, so that one may fail */
  renewEveryMs: number;
  /** resolves after so many ms; rejects when the signal aborts */
  wait: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

/**
 * Makes `work` the only one of its kind, fleet-wide: it answers null while another does it. However
 * long it takes, its lease is kept; when it is lost the work is stopped, because another has begun.
 */
export function underLease<T>(
  { acquire, renewEveryMs, wait }: UnderLeaseOptions,
  work: (signal: AbortSignal) => Promise<T>,
): (signal: AbortSignal) => Promise<T | null> {
  return async (signal) => {
    const lease = await acquire();
    if (lease === null) return null;
    const ended = new AbortController();
    const lost = new AbortController();
    const keep = async (): Promise<void> => {
      while (!ended.signal.aborted) {
        await wait(renewEveryMs, ended.signal).catch(() => undefined);
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
  };
}
