import { Redis, type RedisOptions } from 'ioredis';

/**
 * ms that a connection on which somebody blocks may say nothing: BullMQ blocks for 10 s at most
 * (`maximumBlockTimeout`), and 2 s are the way there and back.
 */
const BLOCKING_SILENCE_MS = 12_000;
/** ms that a socket has to close in order; the answer of a peer that is gone never comes */
const DISCONNECT_MS = 500;

/** What of ioredis 5.11.1 is private and wanting: see {@link LiveRedis}. */
interface Internals {
  socketTimeoutTimer: NodeJS.Timeout | undefined;
  setStatus(status: string): void;
  flushQueue(error: Error): void;
}

/**
 * ioredis, with three things mended that keep a process from noticing a connection that is gone, or from ending:
 *
 * - its socket timeout outlives its socket and then destroys the next one
 * - `disconnect()` between two attempts to connect never says `end`, for which BullMQ's `close()` waits
 * - who duplicates a connection (BullMQ) does so to block on it, which takes a longer silence
 */
export class LiveRedis extends Redis {
  /** @param url where `options` do not say it */
  constructor(options: RedisOptions, url?: string) {
    const all = { disconnectTimeout: DISCONNECT_MS, ...options };
    if (url === undefined) super(all);
    else super(url, all);
    this.on('close', () => {
      clearTimeout(this.#internals.socketTimeoutTimer);
      this.#internals.socketTimeoutTimer = undefined;
    });
  }

  get #internals(): Internals {
    return this as unknown as Internals;
  }

  override duplicate(override: Partial<RedisOptions> = {}): LiveRedis {
    return new LiveRedis({
      ...this.options,
      socketTimeout: BLOCKING_SILENCE_MS,
      ...override,
    });
  }

  override disconnect(reconnect = false): void {
    const isBetween = this.status === 'reconnecting';
    super.disconnect(reconnect);
    if (!isBetween || reconnect) return;
    this.#internals.setStatus('end');
    this.#internals.flushQueue(new Error('Connection is closed.'));
  }
}
