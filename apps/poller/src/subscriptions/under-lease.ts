/** The right to be the only one, until it expires. */
export interface SoleLease {
  release(): Promise<void>;
}

/** Makes `work` the only one of its kind, fleet-wide: it answers null while another does it. */
export function underLease<T>(
  acquire: () => Promise<SoleLease | null>,
  work: (signal: AbortSignal) => Promise<T>,
): (signal: AbortSignal) => Promise<T | null> {
  return async (signal) => {
    const lease = await acquire();
    if (lease === null) return null;
    try {
      return await work(signal);
    } finally {
      await lease.release();
    }
  };
}
