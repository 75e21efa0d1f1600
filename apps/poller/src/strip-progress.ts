import { DEFAULT_KEY_PREFIX } from '@ms1/contracts';
import { type Redis, storeKey } from '@ms1/redis';

interface Place {
  /** ms since the epoch */
  failedAt: number;
  /** of its job */
  id: string;
}

/** Up to which dead letter of each queue what is personal was taken out: those are not read again. */
export class StripProgress {
  readonly #redis: Redis;
  readonly #key: string;

  constructor(redis: Redis, { prefix = DEFAULT_KEY_PREFIX }: { prefix?: string } = {}) {
    this.#redis = redis;
    this.#key = storeKey(prefix, 'letters', 'stripped');
  }

  /** null: nothing yet, or nothing that can be read: then all are looked at once more */
  async read(queue: string): Promise<Place | null> {
    const value = await this.#redis.hget(this.#key, queue);
    const [, failedAt, id] = /^(\d+) (.+)$/.exec(value ?? '') ?? [];
    return id === undefined ? null : { failedAt: Number(failedAt), id };
  }

  async write(queue: string, { failedAt, id }: Place): Promise<void> {
    await this.#redis.hset(this.#key, queue, `${failedAt} ${id}`);
  }
}
