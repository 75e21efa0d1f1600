import { Concern } from '@ms1/console-api';
import { Keeper, storeKey } from '@ms1/redis';
import { z } from 'zod';

/** A concern that is there, or was there a moment ago. */
const OpenAlert = z.object({
  /** made up when it came: whoever is told twice of it knows it again */
  id: z.string(),
  concern: Concern,
  /** ms since the epoch: when it came, and when it was last there */
  since: z.number(),
  seenAt: z.number(),
  /** somebody was told that it began */
  isTold: z.boolean(),
});
export type OpenAlert = z.infer<typeof OpenAlert>;

/** What people are told of, by code, so that any console can go on where another left off. */
export class AlertStore extends Keeper {
  readonly #key = storeKey(this.prefix, 'alerts', 'open');
  readonly #summarised = storeKey(this.prefix, 'alerts', 'summarised');

  /** Without those of a later release, whose codes this one does not know. */
  async list(): Promise<OpenAlert[]> {
    const values = await this.redis.hvals(this.#key);
    return values.flatMap((json) => OpenAlert.safeParse(JSON.parse(json)).data ?? []);
  }

  async put(alert: OpenAlert): Promise<void> {
    await this.redis.hset(this.#key, alert.concern.code, JSON.stringify(alert));
  }

  /** the last day of which people were told a summary; null: of none */
  async summarised(): Promise<number | null> {
    const day = await this.redis.get(this.#summarised);
    return day === null ? null : Number(day);
  }

  async noteSummary(day: number): Promise<void> {
    await this.redis.set(this.#summarised, day);
  }

  async remove(code: Concern['code']): Promise<void> {
    await this.redis.hdel(this.#key, code);
  }
}
