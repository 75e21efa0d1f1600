import type { EncodedItem } from '@ms1/ms4-client';
import type { Clock } from '@ms1/runtime';

/** What this process last delivered: shows that its credentials are good, and is sent again as a control. */
export interface DeliveredMemory {
  remember(item: EncodedItem): void;
  /** null: nothing yet */
  last(): EncodedItem | null;
  /** this process delivered within the last ten minutes */
  isRecent(): boolean;
}

const RECENT_MS = 10 * 60_000;

export function createDeliveredMemory(clock: Clock): DeliveredMemory {
  let last: EncodedItem | null = null;
  let at = Number.NEGATIVE_INFINITY;
  return {
    remember(item) {
      last = item;
      at = clock.now();
    },
    last: () => last,
    isRecent: () => clock.now() - at < RECENT_MS,
  };
}
