import pTimeout from 'p-timeout';

import type { Clock } from './clock.ts';

/** What waits for a role, over all its processes. */
export interface WaitingWork {
  /** jobs that could be taken now */
  waiting: number;
  /** a count that changes whenever any process gets something through; default: nobody counts */
  passed?: number;
  /** why none is taken, where that is known */
  reason?: string | undefined;
}

export interface ProgressOptions {
  /** what the role does to its work, for the sentence: `delivered`, `prepared` */
  done: string;
  /** asked by a probe, at most every 2 s whatever is probed and however much work there is */
  look: () => Promise<WaitingWork>;
  /** ms for which a reason is believed while nothing waits and nobody gives it again; default 60 s */
  believedMs?: number;
  /** ms of a clock that never jumps; default `performance.now` */
  clock?: Clock;
}

/** Not ready within 30 s: a look a probe, and probes come every 5 s at the latest (the fleet's report is one). */
const STUCK_MS = 25_000;
const LOOK_MS = 2_000;
/** A probe waits so long for Redis, ms: below its own 2 s. */
const LOOK_WAIT_MS = 1_000;
/** What was put off comes back after 30 s at most. */
const BELIEVED_MS = 60_000;

/**
 * Whether a role gets on with its work. It does not when for {@link STUCK_MS} nothing came to an end
 *
 * - of what this process has in hand, or
 * - while jobs wait, in any process, or
 * - while each try ended with a reason why not.
 *
 * The next thing that comes to an end makes it well again.
 */
export class Progress {
  readonly #options: Required<ProgressOptions>;
  #madeAt: number;
  #inHand = 0;
  #inHandSince = 0;
  #waiting: WaitingWork = { waiting: 0 };
  #waitingSince = 0;
  #blocked: { reason: string; since: number; at: number } | undefined;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #looking: Promise<void> | undefined;

  constructor(options: ProgressOptions) {
    this.#options = { clock: performance, believedMs: BELIEVED_MS, ...options };
    this.#madeAt = this.#options.clock.now();
  }

  /** Something was brought to its end. */
  made(): void {
    this.#madeAt = this.#options.clock.now();
    this.#blocked = undefined;
  }

  /** A try came to nothing, for a reason that is not the work's own. In words: it is shown. */
  blocked(reason: string): void {
    const at = this.#options.clock.now();
    this.#blocked = { reason, since: this.#blocked?.since ?? at, at };
  }

  /** Runs work that is in hand meanwhile. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    if (this.#inHand === 0) this.#inHandSince = this.#options.clock.now();
    this.#inHand += 1;
    try {
      return await work();
    } finally {
      this.#inHand -= 1;
    }
  }

  /** @throws with a sentence while the role does not get on */
  async assert(): Promise<void> {
    await this.#look();
    const now = this.#options.clock.now();
    if (
      this.#blocked &&
      this.#waiting.waiting === 0 &&
      now - this.#blocked.at > this.#options.believedMs
    ) {
      this.#blocked = undefined;
    }
    const since = [
      ...(this.#inHand > 0 ? [this.#inHandSince] : []),
      ...(this.#waiting.waiting > 0 ? [this.#waitingSince] : []),
      ...(this.#blocked ? [this.#blocked.since] : []),
    ];
    const stuckMs = now - Math.max(Math.min(now, ...since), this.#madeAt);
    if (stuckMs < STUCK_MS) return;
    const seconds = Math.round(stuckMs / 1_000);
    const reason = this.#blocked?.reason ?? this.#waiting.reason;
    const { waiting } = this.#waiting;
    throw new Error(
      `nothing ${this.#options.done} for ${seconds} s, ${this.#inHand} in hand, ${waiting} waiting` +
        (reason === undefined ? '' : `: ${reason}`),
    );
  }

  /** While nobody answers, what was seen last stands: that Redis is away is told by its own check. */
  async #look(): Promise<void> {
    const { look, clock } = this.#options;
    if (clock.now() - this.#lookedAt < LOOK_MS) return;
    this.#looking ??= (async () => {
      try {
        const seen = await look();
        const before = this.#waiting;
        this.#lookedAt = clock.now();
        const passes = seen.passed !== before.passed;
        if (before.waiting === 0 || passes) this.#waitingSince = this.#lookedAt;
        // Others got everything through: what kept this process from it is no news any more.
        if (seen.waiting === 0 && passes) this.#blocked = undefined;
        this.#waiting = seen;
      } catch {
        this.#lookedAt = clock.now();
      } finally {
        this.#looking = undefined;
      }
    })();
    await pTimeout(this.#looking, { milliseconds: LOOK_WAIT_MS, fallback: () => undefined });
  }
}
