import { randomBytes } from 'node:crypto';
import { defineScript, Keeper, type KeeperOptions, type Redis, storeKey } from '@ms1/redis';
import { z } from 'zod';

import { ROTATE_LUA } from './login-keys.lua.ts';

const LoginKeys = z.object({
  /** random and made with the first key: another one means that the store was emptied, and forgot which logins were ended */
  id: z.string(),
  /** the newest first */
  keys: z.array(
    z.object({
      id: z.string(),
      /** 32 random bytes in base64url */
      secret: z.string(),
      /** ms since the epoch */
      at: z.number(),
    }),
  ),
});
export type LoginKeys = z.infer<typeof LoginKeys>;

export interface LoginStoreOptions extends KeeperOptions {
  /** ms that a login lasts at most: a key is kept that long after it signed its last one */
  lifetimeMs: number;
  /** ms that a key signs; default a day, so that one that was read by a stranger is worth a day and a login's life */
  signsMs?: number;
}

const SIGNS_MS = 24 * 3_600_000;

/** What all consoles know of logins: the keys that prove them, and those that ended before their time. */
export class LoginStore extends Keeper {
  readonly #signsMs: number;
  readonly #lifetimeMs: number;
  readonly #rotate = defineScript(this.redis, 'ms1LoginKeysRotate', ROTATE_LUA);

  constructor(redis: Redis, options: LoginStoreOptions) {
    super(redis, options);
    this.#signsMs = options.signsMs ?? SIGNS_MS;
    this.#lifetimeMs = options.lifetimeMs;
  }

  /** The keys that hold now; made or rotated when that is due. Read each time: what is deleted there ends every login at once. */
  async keys(): Promise<LoginKeys> {
    const now = this.clock.now();
    const key = storeKey(this.prefix, 'console', 'login-keys');
    const stored = await this.redis.get(key);
    let known = stored === null ? null : LoginKeys.parse(JSON.parse(stored));
    const [newest] = known?.keys ?? [];
    if (!known || !newest || now - newest.at >= this.#signsMs) {
      const made = { id: random(9), secret: random(32), at: now };
      const args = [now, this.#signsMs, this.#lifetimeMs, random(16), JSON.stringify(made)];
      known = LoginKeys.parse(JSON.parse((await this.#rotate([key], args)) as string));
    }
    const life = this.#signsMs + this.#lifetimeMs;
    return { id: known.id, keys: known.keys.filter(({ at }) => now - at < life) };
  }

  /** Ends a login for every console; remembered for as long as it would have lasted. */
  async end(loginId: string, remainingMs: number): Promise<void> {
    if (remainingMs <= 0) return;
    await this.redis.set(this.#endedKey(loginId), 1, 'PX', Math.ceil(remainingMs));
  }

  /** Which of these were ended. */
  async ended(loginIds: readonly string[]): Promise<Set<string>> {
    if (loginIds.length === 0) return new Set();
    const marks = await this.redis.mget(loginIds.map((id) => this.#endedKey(id)));
    return new Set(loginIds.filter((_, index) => marks[index] !== null));
  }

  #endedKey(loginId: string): string {
    return storeKey(this.prefix, 'console', 'ended-login', loginId);
  }
}

function random(bytes: number): string {
  return randomBytes(bytes).toString('base64url');
}
