import type { StateCounts } from '@ms1/contracts';

/** Messages so far, by how far they came. They only grow, but for a replay, which takes one back. */
interface Counters {
  at: number;
  noticed: number;
  prepared: number;
  delivered: number;
}

export interface Rates {
  noticed: number | null;
  prepared: number | null;
  delivered: number | null;
}

/** ms over which a rate is taken: a batch of 500 in one moment shows as 50 a second, not as 500 and then none. */
const WINDOW_MS = 10_000;
/** ms of history, and between its points: 60 points. */
const HISTORY_MS = 180_000;
const STEP_MS = 3_000;

/** Rates from counters of the ledger: a few numbers a look, whatever the service does. */
export class FlowRates {
  #recent: Counters[] = [];
  #point: Counters | undefined;
  #history: [at: number, noticed: number, delivered: number][] = [];

  add(at: number, { queued, prepared, delivered, skipped, dead }: StateCounts): void {
    const counters = {
      at,
      noticed: queued + prepared + delivered + skipped + dead,
      prepared: prepared + delivered,
      delivered,
    };
    this.#recent.push(counters);
    // The newest one that is old enough stays: the window is at least as long as it says.
    while ((this.#recent[1]?.at ?? at) <= at - WINDOW_MS) this.#recent.shift();
    this.#point ??= counters;
    if (at - this.#point.at < STEP_MS) return;
    const { noticed, delivered: out } = ratesBetween(this.#point, counters);
    this.#history.push([Math.round(at / 1_000), noticed ?? 0, out ?? 0]);
    this.#history = this.#history.filter(([then]) => then * 1_000 > at - HISTORY_MS);
    this.#point = counters;
  }

  rates(): Rates {
    const [first] = this.#recent;
    const last = this.#recent.at(-1);
    if (!first || !last) return { noticed: null, prepared: null, delivered: null };
    return ratesBetween(first, last);
  }

  history(): [at: number, noticed: number, delivered: number][] {
    return this.#history;
  }
}

function ratesBetween(from: Counters, to: Counters): Rates {
  const ms = to.at - from.at;
  const rate = (before: number, after: number): number | null =>
    ms <= 0 ? null : Math.round((Math.max(0, after - before) * 10_000) / ms) / 10;
  return {
    noticed: rate(from.noticed, to.noticed),
    prepared: rate(from.prepared, to.prepared),
    delivered: rate(from.delivered, to.delivered),
  };
}
