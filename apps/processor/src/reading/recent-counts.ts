import type { Clock } from '@ms1/runtime';

/** ms in which they are counted together: batches are small where many mailboxes are busy at once. */
const TOGETHER_MS = 5_000;

/** How many were announced lately, by place. */
export class RecentCounts {
  readonly #clock: Clock;
  readonly #byPlace = new Map<string, { at: number; count: number }[]>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts `count` more and answers with those of the last seconds. */
  add(place: string, count: number): number {
    const fresh = this.#freshOf(place);
    fresh.push({ at: this.#clock.now(), count });
    this.#byPlace.set(place, fresh);
    return sumOf(fresh);
  }

  /** Places with more than `count` of them. */
  above(count: number): number {
    let places = 0;
    for (const place of this.#byPlace.keys()) {
      const fresh = this.#freshOf(place);
      if (fresh.length === 0) this.#byPlace.delete(place);
      if (sumOf(fresh) > count) places += 1;
    }
    return places;
  }

  #freshOf(place: string): { at: number; count: number }[] {
    const since = this.#clock.now() - TOGETHER_MS;
    return (this.#byPlace.get(place) ?? []).filter(({ at }) => at > since);
  }
}

function sumOf(counts: readonly { count: number }[]): number {
  return counts.reduce((sum, { count }) => sum + count, 0);
}
