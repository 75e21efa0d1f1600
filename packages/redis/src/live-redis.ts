import { Redis, type RedisOptions } from 'ioredis';

import type { LoggedIn, TokenLogin } from './token-login.ts';

/**
 * ms that a connection on which somebody blocks may say nothing: BullMQ blocks for 10 s at most
 * (`maximumBlockTimeout`), and 2 s are the way there and back.
 */
export const BLOCKING_SILENCE_MS = 12_000;
/** ms that a socket has to close in order; the answer of a peer that is gone never comes */
const DISCONNECT_MS = 500;

/** What of ioredis 5.11.1 is private and wanting: see {@link LiveRedis}. */
interface Internals {
  socketTimeoutTimer: NodeJS.Timeout | undefined;
  setStatus(status: string): void;
  flushQueue(error: Error): void;
  connector: { failoverDetector?: { cleanup(): void } | null };
  _readyCheck(done: (error?: Error) => void): void;
}

/** What ioredis sends for itself as soon as a socket stands. */
const HANDSHAKE = new Set(['auth', 'hello', 'select', 'client']);

/**
 * ioredis, with five things mended that keep a process from noticing a connection that is gone, or from ending:
 *
 * - what may be asked of a Redis that is loading (INFO, TIME, MULTI) is sent before the connection is ready, and for ever
 *   without an answer where that closes first, as behind a proxy whose Redis is away
 * - its socket timeout outlives its socket and then destroys the next one
 * - `disconnect()` between two attempts to connect never says `end`, for which BullMQ's `close()` waits
 * - what listens to the Sentinels outlives its connection: it is left open by `quit()`, and a failover that it hears of
 *   while the next connection is made ends that for ever
 * - who duplicates a connection (BullMQ) does so to block on it, which takes a longer silence
 */
export class LiveRedis extends Redis {
  /** that must confirm a write ({@link confirmWrites}); undefined: as the server has it */
  waitReplicas: number | undefined;
  /** of it and of its duplicates, where the password expires */
  login: TokenLogin | undefined;
  /** while ioredis itself asks whether the connection is ready */
  #isChecking = false;
  readonly #logged: LoggedIn = {
    servers: () => [this],
    use: (username, password) => Object.assign(this.options, { username, password }),
  };

  constructor(options: RedisOptions) {
    super({ disconnectTimeout: DISCONNECT_MS, ...options });
    const internals = this.#internals;
    // oxlint-disable-next-line no-underscore-dangle -- what ioredis calls it
    const check = internals._readyCheck.bind(this);
    Object.assign(internals, {
      _readyCheck: (done: () => void) => {
        this.#isChecking = true;
        check(done);
        this.#isChecking = false;
      },
    });
    this.on('close', () => {
      clearTimeout(this.#internals.socketTimeoutTimer);
      this.#internals.socketTimeoutTimer = undefined;
      this.#internals.connector.failoverDetector?.cleanup();
    });
  }

  get #internals(): Internals {
    return this as unknown as Internals;
  }

  logInBy(login: TokenLogin | undefined): void {
    this.login = login;
    login?.add(this.#logged);
  }

  override sendCommand(...sent: Parameters<Redis['sendCommand']>): unknown {
    const { status } = this;
    const [{ name }] = sent;
    if (status !== 'connect' || this.#isChecking || HANDSHAKE.has(name)) {
      return super.sendCommand(...sent);
    }
    // So that it waits for the connection to be ready, as all else does.
    this.status = 'connecting';
    try {
      return super.sendCommand(...sent);
    } finally {
      this.status = status;
    }
  }

  override duplicate(override: Partial<RedisOptions> = {}): LiveRedis {
    const other = new LiveRedis({
      ...this.options,
      socketTimeout: BLOCKING_SILENCE_MS,
      ...override,
    });
    other.logInBy(this.login);
    return other;
  }

  override disconnect(reconnect = false): void {
    const isBetween = this.status === 'reconnecting';
    super.disconnect(reconnect);
    if (!isBetween || reconnect) return;
    this.#internals.setStatus('end');
    this.#internals.flushQueue(new Error('Connection is closed.'));
  }
}
