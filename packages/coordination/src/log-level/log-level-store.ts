import { Keeper, storeKey } from '@ms1/redis';
import { z } from 'zod';

/** Not `trace` and `silent`: nothing is written at the one, and nobody should be able to silence the fleet. */
export const LogLevel = z.enum(['debug', 'info', 'warn', 'error']);
export type LogLevel = z.infer<typeof LogLevel>;

export interface WantedLevel {
  level: LogLevel;
  /** ms, by Redis's clock: hosts' clocks differ */
  leftMs: number;
}

/** At which level all processes log for a while, instead of each at its own LOG_LEVEL. It ends by itself. */
export class LogLevelStore extends Keeper {
  async want(level: LogLevel, forMs: number): Promise<void> {
    await this.redis.set(this.#key, level, 'PX', forMs);
  }

  /** Each logs at its own level again. */
  async end(): Promise<void> {
    await this.redis.del(this.#key);
  }

  /** Null: each process logs at its own. */
  async read(): Promise<WantedLevel | null> {
    const [level, left] = (await this.redis.pipeline().get(this.#key).pttl(this.#key).exec()) ?? [];
    if (level?.[0]) throw level[0];
    if (left?.[0]) throw left[0];
    const parsed = LogLevel.safeParse(level?.[1]);
    const leftMs = Number(left?.[1]);
    // One of a later release, or written by hand without an end: as if there were none.
    return parsed.success && leftMs > 0 ? { level: parsed.data, leftMs } : null;
  }

  get #key(): string {
    return storeKey(this.prefix, 'fleet', 'log-level');
  }
}
