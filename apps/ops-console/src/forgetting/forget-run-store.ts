import { randomBytes } from 'node:crypto';
import { Keeper, type KeeperOptions, type Redis, storeKey } from '@ms1/redis';

export interface ForgetRunStoreOptions extends Pick<KeeperOptions, 'prefix'> {
  /** ms that the account of one is kept; default 400 days, as the operator log */
  retentionMs?: number;
}

const RETENTION_MS = 400 * 24 * 3_600_000;

/**
 * What came of each time that somebody was to be forgotten. Whoever runs it says what is kept, and keeps in mind that
 * nothing here may name whom.
 */
export class ForgetRunStore extends Keeper {
  readonly #retentionMs: number;

  constructor(redis: Redis, options: ForgetRunStoreOptions = {}) {
    super(redis, options);
    this.#retentionMs = options.retentionMs ?? RETENTION_MS;
  }

  newId(): string {
    return randomBytes(6).toString('base64url');
  }

  async keep(id: string, account: object): Promise<void> {
    await this.redis.set(this.#key(id), JSON.stringify(account), 'PX', this.#retentionMs);
  }

  /** null: there is none */
  async get(id: string): Promise<unknown> {
    const kept = await this.redis.get(this.#key(id));
    return kept === null ? null : JSON.parse(kept);
  }

  #key(id: string): string {
    return storeKey(this.prefix, 'forget', 'run', id);
  }
}
