import { hashedId } from '@ms1/contracts';
import { Keeper, type KeeperOptions, type Redis, storeKey } from '@ms1/redis';
import { z } from 'zod';

/** What is kept of a request that carried an idempotency key. */
const Kept = z.object({
  /** tells whether a request with the same key is the same one */
  fingerprint: z.string(),
  /** null while it is being worked on */
  answer: z.unknown(),
});

export interface IdempotencyStoreOptions extends Pick<KeeperOptions, 'prefix'> {
  /** ms that an answer is kept; default 24 h */
  retentionMs?: number;
  /** ms after which a request whose process died may be made again; default 60 s, above any request's time */
  workingMs?: number;
}

/**
 * begun     it is the first: whoever asked works on it, and then keeps its answer or forgets it
 * answered  it was made before, and this is what it came to
 * working   a request is running
 * other     the key was used for another request
 */
export type Begun =
  | { outcome: 'begun' | 'working' | 'other' }
  | { outcome: 'answered'; answer: unknown };

/** Requests by the key that their sender gave them, so that the same one sent twice is done once. */
export class IdempotencyStore extends Keeper {
  readonly #retentionMs: number;
  readonly #workingMs: number;

  constructor(redis: Redis, options: IdempotencyStoreOptions = {}) {
    super(redis, options);
    this.#retentionMs = options.retentionMs ?? 24 * 3_600_000;
    this.#workingMs = options.workingMs ?? 60_000;
  }

  /** `id`: whose key and which, in parts. Redis's key holds only a hash of it. */
  async begin(id: readonly string[], fingerprint: string): Promise<Begun> {
    const key = this.#key(id);
    const begun = JSON.stringify({ fingerprint, answer: null });
    // Two commands, because NX and GET go together only since Redis 7.
    if (await this.redis.set(key, begun, 'PX', this.#workingMs, 'NX')) return { outcome: 'begun' };
    const kept = await this.redis.get(key);
    // It expired in between, or its process gave it up: whoever sends it again may begin.
    if (kept === null) return { outcome: 'working' };
    const { answer, ...first } = Kept.parse(JSON.parse(kept));
    if (first.fingerprint !== fingerprint) return { outcome: 'other' };
    return answer === null ? { outcome: 'working' } : { outcome: 'answered', answer };
  }

  async keep(id: readonly string[], fingerprint: string, answer: object): Promise<void> {
    const kept = JSON.stringify({ fingerprint, answer });
    await this.redis.set(this.#key(id), kept, 'PX', this.#retentionMs);
  }

  async forget(id: readonly string[]): Promise<void> {
    await this.redis.del(this.#key(id));
  }

  #key(id: readonly string[]): string {
    return storeKey(this.prefix, 'operator', 'request', hashedId(...id));
  }
}
