import { type HeldLease, holdLease, type Wait } from './hold-lease.ts';

export interface UnderLeaseOptions {
  acquire: () => Promise<HeldLease | null>;
  wait?: Wait;
}

/**
 * Makes `work` the only one of its kind, fleet-wide: it answers null while another does it. However
 * long it takes, its lease is kept; when it is lost the work is stopped, because another has begun.
 */
export function underLease<T>(
  { acquire, wait }: UnderLeaseOptions,
  work: (signal: AbortSignal) => Promise<T>,
): (signal: AbortSignal) => Promise<T | null> {
  return async (signal) => {
    const lease = await acquire();
    return lease === null ? null : holdLease(lease, work, signal, wait);
  };
}
