import type { Session } from '@ms1/ledger';
import type { Clock } from '@ms1/runtime';

export interface SessionRate {
  /** messages that become final a second, over the last minute that it was looked at */
  perSecond: number;
  /** until what is known of is final; null while nothing moves */
  etaSeconds: number | null;
  /** what the ETA comes from: Graph's budget for its mailboxes, or how fast it goes */
  limitedBy: 'graph' | 'pipeline' | null;
}

/** ms over which the rate is taken */
const WINDOW_MS = 60_000;
/** Quota units of a message found by listing: its shares of a delta page of 200 and of a page of 50 with its files. */
const UNITS_PER_MESSAGE = 0.03;
/** 10,000 requests in 10 minutes for an app and mailbox (docs/graph-contract.md#throttling). */
const UNITS_PER_SECOND = 10_000 / 600;

/** How fast sessions go, by what was seen of them: each process sees for itself. */
export class SessionRates {
  readonly #clock: Clock;
  readonly #samples = new Map<string, { at: number; final: number }[]>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  rateOf({ id, counts, found, mailboxes, createdAt, finishedAt }: Session): SessionRate {
    const now = this.#clock.now();
    const final = counts.delivered + counts.skipped + counts.dead;
    if (finishedAt !== null) {
      this.#samples.delete(id);
      return { perSecond: rate(final, finishedAt - createdAt), etaSeconds: 0, limitedBy: null };
    }
    const recent = (this.#samples.get(id) ?? []).filter(({ at }) => now - at <= WINDOW_MS);
    recent.push({ at: now, final });
    this.#samples.set(id, recent);
    const first = recent[0];
    const perSecond =
      first && first.at < now
        ? rate(final - first.final, now - first.at)
        : rate(final, now - createdAt);
    const left = Math.max(found - final, counts.queued + counts.prepared);
    if (left === 0) return { perSecond, etaSeconds: 0, limitedBy: null };
    const graphSeconds = (left * UNITS_PER_MESSAGE) / (UNITS_PER_SECOND * mailboxes.length);
    if (perSecond <= 0) return { perSecond: 0, etaSeconds: null, limitedBy: null };
    const seconds = left / perSecond;
    return {
      perSecond,
      etaSeconds: Math.ceil(Math.max(seconds, graphSeconds)),
      limitedBy: graphSeconds > seconds ? 'graph' : 'pipeline',
    };
  }
}

function rate(count: number, ms: number): number {
  return ms <= 0 ? 0 : Math.round((Math.max(0, count) * 10_000) / ms) / 10;
}
