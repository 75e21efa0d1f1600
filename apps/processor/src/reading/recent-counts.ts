import type { Clock } from '@ms1/runtime';

/** ms in which they are counted together: of a hundred busy mailboxes each gets a few messages a second, in batches of five. */
const TOGETHER_MS = 60_000;
/** ms whose counts are one */
const GRAIN_MS = 1_000;

/** How many were announced in the last minute, by place. */
export class RecentCounts {
  readonly #clock: Clock;
  readonly #byPlace = new Map<string, { at: number; count: number }[]>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts `count` more and answers with those of the last minute. */
  add(place: string, count: number): number {
    const fresh = this.#freshOf(place);
    const now = this.#clock.now();
    const last = fresh.at(-1);
    if (last && last.at > now - GRAIN_MS) last.count += count;
    else fresh.push({ at: now, count });
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
    const counts = this.#byPlace.get(place) ?? [];
    // They are in order, and all of them are asked about for each page: mostly none has become old.
    const isFresh = counts[0] === undefined || counts[0].at > since;
    return isFresh ? counts : counts.filter(({ at }) => at > since);
  }
}

function sumOf(counts: readonly { count: number }[]): number {
  return counts.reduce((sum, { count }) => sum + count, 0);
}
