import { setTimeout as delay } from 'node:timers/promises';

import type { OpenFleet } from '../fleet/open-fleet.ts';
import { type ProcessSample, sampleProcesses } from './process-watch.ts';
import { type RedisSample, RedisWatch } from './redis-watch.ts';

/** An attempt of a message that came to nothing. */
export interface BurntAttempt {
  readonly at: number;
  /** `<message key> on outbound` */
  readonly key: string;
  /** with this one, of so many */
  readonly made: number;
  readonly max: number;
}

/** What was seen while the run lasted. */
export interface Watched {
  readonly processes: readonly ProcessSample[];
  readonly redis: readonly RedisSample[];
  readonly burnt: readonly BurntAttempt[];
  /** records in MS4 by then, at each look at the processes */
  readonly stored: readonly { readonly at: number; readonly count: number }[];
}

const FAST_MS = 500;
const SLOW_MS = 2_000;

/** Looks at the fleet from outside until it is disposed. */
export class RunWatch implements AsyncDisposable {
  readonly #fleet: OpenFleet;
  readonly #redis: RedisWatch;
  readonly #stop = new AbortController();
  readonly #running: Promise<unknown>;
  readonly #processes: ProcessSample[] = [];
  readonly #samples: RedisSample[] = [];
  readonly #burnt: BurntAttempt[] = [];
  readonly #stored: { at: number; count: number }[] = [];
  readonly #made = new Map<string, number>();

  constructor(fleet: OpenFleet) {
    this.#fleet = fleet;
    this.#redis = new RedisWatch(fleet.redisUrl);
    this.#running = Promise.all([
      this.#every(FAST_MS, () => this.#lookAtRedis()),
      this.#every(SLOW_MS, () => this.#lookAtProcesses()),
      this.#every(SLOW_MS, () => this.#lookAtAttempts()),
    ]);
  }

  get watched(): Watched {
    return {
      processes: this.#processes,
      redis: this.#samples,
      burnt: this.#burnt,
      stored: this.#stored,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
    this.#redis[Symbol.dispose]();
  }

  async #every(ms: number, look: () => Promise<void>): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await look();
      await delay(ms, undefined, { signal }).catch(() => undefined);
    }
  }

  async #lookAtRedis(): Promise<void> {
    const sample = await this.#redis.sample();
    if (sample) this.#samples.push(sample);
  }

  async #lookAtProcesses(): Promise<void> {
    this.#stored.push({ at: Date.now(), count: this.#fleet.stored() });
    this.#processes.push(...(await sampleProcesses(this.#fleet.processes)));
  }

  async #lookAtAttempts(): Promise<void> {
    const at = Date.now();
    for (const { key, made, max } of await this.#redis.attempts()) {
      const before = this.#made.get(key) ?? 0;
      for (let attempt = before + 1; attempt <= made; attempt += 1) {
        this.#burnt.push({ at, key, made: attempt, max });
      }
      this.#made.set(key, Math.max(before, made));
    }
  }
}
