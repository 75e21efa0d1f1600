import type { Clock } from '@ms1/runtime';
export interface HoldOptions {
  /** records from which on a batch is full */
  enough: () => number;
  /** ms that a record waits at most, from when it came onto the queue */
  waitMsMax: number;
  /** messages that are on their way here: waiting for, or with, the stage before */
  comingCount: () => Promise<number>;
  clock: Clock;
}

interface PartialBatch {
  readonly entries: readonly { readonly job: { readonly timestamp: number }; nack(): void }[];
}

/**
 * Puts a batch that is not full back, in its order and without an attempt, when more records are on
 * their way and none of these has waited too long; answers whether it did. A pause between two records
 * looks like the end of the stream to the queue; what the stage before still holds tells them apart, so
 * that a slow moment does not cost requests. The queue waits for its idle time again before it is asked.
 */
export function createPartialHold({ enough, waitMsMax, comingCount, clock }: HoldOptions) {
  return async ({ entries }: PartialBatch): Promise<boolean> => {
    if (entries.length === 0 || entries.length >= enough()) return false;
    const waitedMs = clock.now() - Math.min(...entries.map(({ job }) => job.timestamp));
    // Also what does not say since when it waits, or dates from far ahead: by another host's clock, that would last.
    if (!(Math.abs(waitedMs) < waitMsMax)) return false;
    // Not knowing is no reason to wait.
    const coming = await comingCount().catch(() => 0);
    if (coming === 0) return false;
    for (const entry of entries) entry.nack();
    return true;
  };
}
