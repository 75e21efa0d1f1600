import type { Clock } from '@ms1/runtime';

/** ms in which they are counted together: batches are small where many mailboxes are busy at once. */
const TOGETHER_MS = 5_000;

/** How many were announced lately, by mailbox. */
export class RecentCounts {
  readonly #clock: Clock;
  readonly #byMailbox = new Map<string, { at: number; count: number }[]>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts `count` more and answers with those of the last seconds. */
  add(mailboxId: string, count: number): number {
    const now = this.#clock.now();
    const fresh = (this.#byMailbox.get(mailboxId) ?? []).filter(({ at }) => at > now - TOGETHER_MS);
    fresh.push({ at: now, count });
    this.#byMailbox.set(mailboxId, fresh);
    return fresh.reduce((sum, one) => sum + one.count, 0);
  }
}
