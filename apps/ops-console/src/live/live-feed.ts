import { setTimeout as delay } from 'node:timers/promises';
import type { Task } from '@ms1/runtime';

/** What the feed needs of a response: Node's `ServerResponse` is one. */
export interface FeedClient {
  readonly writableNeedDrain: boolean;
  /** it was ended, or its connection is gone: nothing may be written to it any more */
  readonly writableEnded: boolean;
  readonly destroyed: boolean;
  write(chunk: string): boolean;
  end(): unknown;
  destroy(): unknown;
  once(event: 'close', listener: () => void): unknown;
  on(event: 'error', listener: () => void): unknown;
}

/** Who is at the other end of a stream. */
export interface Watcher {
  /** streams of one caller are counted together */
  caller: string;
  /** absent: there is no login that could end */
  loginId?: string | undefined;
}

export interface LiveFeedOptions {
  /** what every event holds; called once a tick, however many listen */
  look: () => Promise<object>;
  /** which of these logins were ended; one call for all that listen */
  ended?: (loginIds: readonly string[]) => Promise<ReadonlySet<string>>;
  clientsMax?: number;
  clientsMaxOfCaller?: number;
  /** ms between looks while somebody listens, and while nobody does */
  intervalMs?: number;
  idleIntervalMs?: number;
  /** ms after which a client is asked to come again, with whatever login it has by then */
  lifetimeMs?: number;
  /** ms between two questions which logins were ended */
  endedIntervalMs?: number;
  /** ms between comments, which keep proxies from closing the connection */
  heartbeatMs?: number;
  onError?: (error: unknown) => void;
}

/** Ten times the operators of one service; each costs a socket and 5 KB a second. */
const CLIENTS_MAX = 100;
/** More than one person looks at; five callers that have them all leave no room, and one does. */
const CLIENTS_MAX_OF_CALLER = 20;
/** ms that a browser waits before it comes again. */
const RETRY_MS = 2_000;

/**
 * Server-sent events for everybody who watches, from one look a tick. A client that has not taken the
 * event before when the next one comes is dropped: nothing is buffered for it, and it comes again by
 * itself. Events carry the whole state, so whatever was missed does not matter.
 */
export class LiveFeed {
  readonly #options: Required<Omit<LiveFeedOptions, 'onError'>> & Pick<LiveFeedOptions, 'onError'>;
  /** with whose it is, and when it was last written to */
  readonly #clients = new Map<FeedClient, Watcher & { writtenAt: number }>();
  #wake = new AbortController();
  #last: string | undefined;
  #id = 0;
  #closed = false;

  constructor(options: LiveFeedOptions) {
    this.#options = {
      ended: async () => new Set(),
      clientsMax: CLIENTS_MAX,
      clientsMaxOfCaller: CLIENTS_MAX_OF_CALLER,
      endedIntervalMs: 10_000,
      intervalMs: 1_000,
      idleIntervalMs: 5_000,
      lifetimeMs: 15 * 60_000,
      heartbeatMs: 15_000,
      ...options,
    };
  }

  get size(): number {
    return this.#clients.size;
  }

  /** Why another client of this caller would not be taken: it has enough, or all together have. */
  refuses({ caller }: Watcher): 'caller' | 'all' | null {
    if (this.#closed || this.#clients.size >= this.#options.clientsMax) return 'all';
    const own = [...this.#clients.values()].filter((other) => other.caller === caller);
    return own.length < this.#options.clientsMaxOfCaller ? null : 'caller';
  }

  /** Adds a client whose headers are sent. Ask {@link refuses} first. */
  attach(client: FeedClient, watcher: Watcher): void {
    // It left while it was asked who it is: there will be no `close` any more.
    if (client.destroyed) return;
    this.#clients.set(client, { ...watcher, writtenAt: Date.now() });
    const leave = setTimeout(() => client.end(), this.#options.lifetimeMs).unref();
    // A connection that breaks while it is written to; `close` follows.
    client.on('error', () => this.#clients.delete(client));
    client.once('close', () => {
      clearTimeout(leave);
      this.#clients.delete(client);
    });
    client.write(`retry: ${RETRY_MS}\n\n`);
    // It sees something at once, and something new as soon as there is a look.
    if (this.#last !== undefined) client.write(this.#last);
    this.#wake.abort();
  }

  /** Looks and tells, until the process stops; then ends every stream. */
  readonly run: Task = async (signal) => {
    const { intervalMs, idleIntervalMs, heartbeatMs, endedIntervalMs } = this.#options;
    // A look may hang, and a proxy in between closes what is silent.
    const heartbeat = setInterval(() => this.#send(': still here\n\n'), heartbeatMs);
    const check = setInterval(() => void this.#endWithLogins(), endedIntervalMs);
    const stopped = aborted(signal);
    while (!signal.aborted) {
      this.#wake = new AbortController();
      const watched = this.#clients.size > 0;
      await Promise.race([this.#tick(), stopped]);
      const stop = AbortSignal.any(watched ? [signal] : [signal, this.#wake.signal]);
      await delay(watched ? intervalMs : idleIntervalMs, undefined, { signal: stop }).catch(
        () => undefined,
      );
    }
    clearInterval(heartbeat);
    clearInterval(check);
    this.#closed = true;
    for (const client of this.#clients.keys()) client.end();
  };

  async #tick(): Promise<void> {
    try {
      const text = JSON.stringify(await this.#options.look());
      this.#id += 1;
      this.#last = `id: ${this.#id}\nevent: overview\ndata: ${text}\n\n`;
      this.#send(this.#last);
    } catch (error) {
      this.#options.onError?.(error);
      this.#last = undefined;
      this.#send('event: trouble\ndata: {"title":"Redis does not answer"}\n\n');
    }
  }

  /** Ends the streams of logins that were ended elsewhere. While Redis does not answer there is nothing to see. */
  async #endWithLogins(): Promise<void> {
    const watchers = [...this.#clients.values()];
    const loginIds = new Set(watchers.flatMap(({ loginId }) => loginId ?? []));
    if (loginIds.size === 0) return;
    try {
      const ended = await this.#options.ended([...loginIds]);
      for (const [client, { loginId }] of this.#clients) {
        if (loginId !== undefined && ended.has(loginId)) client.end();
      }
    } catch (error) {
      this.#options.onError?.(error);
    }
  }

  #send(frame: string): void {
    const now = Date.now();
    for (const [client, watcher] of this.#clients) {
      // It gets the time between two looks to take what it was sent: one that has just come has not had it.
      const isBehind = client.writableNeedDrain;
      if (isBehind && now - watcher.writtenAt >= this.#options.intervalMs / 2) client.destroy();
      if (isBehind || client.writableEnded || client.destroyed) continue;
      client.write(frame);
      watcher.writtenAt = now;
    }
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) =>
    signal.addEventListener('abort', () => resolve(), { once: true }),
  );
}
