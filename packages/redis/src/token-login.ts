import { setTimeout as delay } from 'node:timers/promises';
import type { Redis as OneServer } from 'ioredis';

import { RedisStartError } from './redis-start-error.ts';

/** What a connection logs in with, where the password is a token that expires. */
export interface RedisToken {
  username: string;
  token: string;
  /** ms since the epoch */
  expiresAt: number;
}

/**
 * Where tokens come from: Entra, or another that a cloud's Redis takes.
 *
 * @throws {RedisTokenRefusedError} when nobody gives us one; anything else: not at the moment
 */
export type FetchRedisToken = () => Promise<RedisToken>;

/** Our identity gets no token, or Redis takes none from it. */
export class RedisTokenRefusedError extends RedisStartError {
  readonly code = 'redis_token_refused';

  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'RedisTokenRefusedError';
  }
}

/** What a login keeps alive: the connections to single servers that are behind it, and what new ones are made with. */
export interface LoggedIn {
  readonly servers: () => readonly OneServer[];
  readonly use: (username: string, password: string) => void;
}

/** ms before its expiry that a token is renewed at the latest; Entra's live an hour or more */
const EARLY_MS = 300_000;
/** ms after a renewal that failed, or that Redis refused */
const AGAIN_MS = 2_000;

/**
 * Renews a token before it expires and gives it to every connection by AUTH, also to those on which somebody blocks: their
 * AUTH is answered when they wake, 10 s later at most. Half of a life is enough for that from 24 s on.
 */
export class TokenLogin {
  readonly #fetch: FetchRedisToken;
  readonly #connections = new Set<WeakRef<LoggedIn>>();
  readonly #stop = new AbortController();
  #token: RedisToken;
  #problem: Error | undefined;

  private constructor(fetch: FetchRedisToken, token: RedisToken) {
    this.#fetch = fetch;
    this.#token = token;
    void this.#keep();
  }

  /** @throws what `fetch` throws */
  static async open(fetch: FetchRedisToken): Promise<TokenLogin> {
    return new TokenLogin(fetch, await fetch());
  }

  /** What a connection is made with now. */
  get current(): Pick<RedisToken, 'username' | 'token'> {
    return this.#token;
  }

  add(connection: LoggedIn): void {
    this.#connections.add(new WeakRef(connection));
    connection.use(this.#token.username, this.#token.token);
  }

  /** @throws {RedisTokenRefusedError} while we get no token, or Redis does not take ours */
  assertAccepted(): void {
    if (this.#problem) throw this.#problem;
  }

  close(): void {
    this.#stop.abort();
  }

  async #keep(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const lifeMs = this.#token.expiresAt - Date.now();
      const waitMs = this.#problem ? AGAIN_MS : lifeMs - Math.min(EARLY_MS, lifeMs / 2);
      await delay(Math.max(AGAIN_MS, waitMs), undefined, { signal, ref: false }).catch(() => null);
      if (!signal.aborted) await this.#renew();
    }
  }

  async #renew(): Promise<void> {
    try {
      this.#token = await this.#fetch();
      this.#problem = undefined;
    } catch (error) {
      // What only does not answer may do so until the token expires: then Redis says it.
      if (error instanceof RedisTokenRefusedError) this.#problem = error;
      return;
    }
    const { username, token } = this.#token;
    for (const reference of this.#connections) {
      const connection = reference.deref();
      if (!connection) {
        this.#connections.delete(reference);
        continue;
      }
      connection.use(username, token);
      for (const server of connection.servers()) {
        if (server.status !== 'ready') continue;
        server.auth(username, token).catch((error: Error) => {
          // Of one that has a successor already it says nothing: the AUTH of who blocks may come late.
          if (!error.message.startsWith('WRONGPASS') || token !== this.#token.token) return;
          const sentence = `Redis refuses the token of user ${username}: give that identity access to it`;
          this.#problem = new RedisTokenRefusedError(sentence, error);
        });
      }
    }
  }
}
