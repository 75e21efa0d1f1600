import { Keeper, storeKey } from '@ms1/redis';

interface Place {
  /** ms since the epoch */
  failedAt: number;
  /** of its job */
  id: string;
}

/** Up to which dead letter of each queue personal data was removed: those are not read again. */
export class StripProgress extends Keeper {
  readonly #key = storeKey(this.prefix, 'letters', 'stripped');

  /** null: nothing yet, or nothing that can be read: then all are looked at once more */
  async read(queue: string): Promise<Place | null> {
    const value = await this.redis.hget(this.#key, queue);
    const [, failedAt, id] = /^(\d+) (.+)$/.exec(value ?? '') ?? [];
    return id === undefined ? null : { failedAt: Number(failedAt), id };
  }

  async write(queue: string, { failedAt, id }: Place): Promise<void> {
    await this.redis.hset(this.#key, queue, `${failedAt} ${id}`);
  }
}
