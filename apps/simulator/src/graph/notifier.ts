import type { Clock } from '@ms1/runtime';
import type { Dispatcher } from 'undici';

import { EndpointHealth, type Fate } from './endpoint-health.ts';

/** docs/graph-contract.md#answer-times. The intervals of retries are not documented; these double from one second. */
const FIRST_TIMEOUT_MS = 3_000;
const RETRY_TIMEOUT_MS = 10_000;
const GIVE_UP_AFTER_MS = 4 * 3_600_000;
const BACKOFF_MS_MAX = 300_000;
/** No maximum is documented; 100 basic notifications are about 60 KB. */
const NOTIFICATIONS_PER_POST_MAX = 100;
const POSTS_IN_FLIGHT_MAX = 4;
/** what is announced within so many ms shares a POST */
const GATHER_MS = 20;

export interface NotifierOptions {
  readonly dispatcher: Dispatcher;
  readonly clock: Clock;
  /** shorter in tests */
  readonly firstTimeoutMs?: number | undefined;
  readonly retryTimeoutMs?: number | undefined;
  readonly backoffMs?: number | undefined;
  /** ms of Graph's 10 minutes of patience and of delay */
  readonly endpointWindowMs?: number | undefined;
  /** the validation token of a POST for the app (docs/graph-contract.md#validation-tokens) */
  readonly tokenFor: (sender: RichSender) => string;
}

/** Of a rich notification: whose app it is for, and who issues the token that comes with it. */
interface RichSender {
  readonly appId: string;
  readonly origin: string;
}

interface Post {
  readonly url: string;
  readonly items: readonly Pending[];
  readonly begunAt: number;
  attempts: number;
}

export interface Pending {
  readonly notification: object;
  /** called once when the endpoint has answered 2xx */
  readonly onDelivered?: (() => void) | undefined;
  /** undefined: basic */
  readonly rich?: RichSender | undefined;
}

/**
 * Delivers notifications: gathered into few POSTs, retried with exponential backoff until they are 4 hours
 * old, and held back from or kept from endpoints that answer late.
 */
export class Notifier {
  readonly #options: NotifierOptions;
  readonly #waiting = new Map<string, Pending[]>();
  readonly #ready: Post[] = [];
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #endpoints = new Map<string, EndpointHealth>();
  /** the same by what subscriptions were given, so that no URL is taken apart for every message */
  readonly #byUrl = new Map<string, EndpointHealth>();
  #inFlight = 0;
  #gathering = false;
  #closed = false;
  posts = 0;
  retries = 0;
  /** notifications that an endpoint's state has cost */
  dropped = 0;

  constructor(options: NotifierOptions) {
    this.#options = options;
  }

  /** @param lateMs how much later than at once */
  enqueue(url: string, pending: Pending, lateMs = 0): void {
    const endpoint = this.#endpoint(url);
    const fate = endpoint.fate(this.#options.clock.now());
    if (fate === 'drop') {
      this.dropped += 1;
      return;
    }
    const delayMs = lateMs + (fate === 'delay' ? endpoint.windowMs : 0);
    if (delayMs > 0) this.#after(delayMs, () => this.#add(url, pending));
    else this.#add(url, pending);
  }

  /** Puts an endpoint into a state as if it had earned it. */
  mark(url: string, state: 'delay' | 'drop'): void {
    this.#endpoint(url).mark(state, this.#options.clock.now());
  }

  /** the state of each endpoint that was ever notified */
  get endpoints(): Fate[] {
    return [...this.#endpoints.values()].map(({ state }) => state);
  }

  /** Whatever the query says, it is the same endpoint. */
  #endpoint(url: string): EndpointHealth {
    const known = this.#byUrl.get(url);
    if (known) return known;
    const endpoint = this.#endpointAt(new URL(url));
    this.#byUrl.set(url, endpoint);
    return endpoint;
  }

  #endpointAt({ origin, pathname }: URL): EndpointHealth {
    let endpoint = this.#endpoints.get(origin + pathname);
    if (!endpoint) {
      endpoint = new EndpointHealth({
        windowMs: this.#options.endpointWindowMs,
        slowMs: this.#options.firstTimeoutMs,
        dropMs: this.#options.retryTimeoutMs,
      });
      this.#endpoints.set(origin + pathname, endpoint);
    }
    return endpoint;
  }

  #add(url: string, pending: Pending): void {
    const waiting = this.#waiting.get(url);
    if (waiting) waiting.push(pending);
    else this.#waiting.set(url, [pending]);
    if (this.#gathering) return;
    this.#gathering = true;
    this.#after(GATHER_MS, () => this.#gather());
  }

  /** Drops what waits and starts nothing more. What is being sent is abandoned. */
  close(): void {
    this.#closed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#waiting.clear();
    this.#ready.length = 0;
  }

  #gather(): void {
    this.#gathering = false;
    const begunAt = this.#options.clock.now();
    for (const [url, waiting] of this.#waiting) {
      for (let at = 0; at < waiting.length; at += NOTIFICATIONS_PER_POST_MAX) {
        const items = waiting.slice(at, at + NOTIFICATIONS_PER_POST_MAX);
        this.#ready.push({ url, items, begunAt, attempts: 0 });
      }
    }
    this.#waiting.clear();
    this.#pump();
  }

  #pump(): void {
    while (!this.#closed && this.#inFlight < POSTS_IN_FLIGHT_MAX) {
      const post = this.#ready.shift();
      if (!post) return;
      this.#inFlight += 1;
      void this.#deliver(post).finally(() => {
        this.#inFlight -= 1;
        this.#pump();
      });
    }
  }

  async #deliver(post: Post): Promise<void> {
    this.posts += 1;
    if (post.attempts > 0) this.retries += 1;
    const firstTimeoutMs = this.#options.firstTimeoutMs ?? FIRST_TIMEOUT_MS;
    const retryTimeoutMs = this.#options.retryTimeoutMs ?? RETRY_TIMEOUT_MS;
    const accepted = await this.#post(post, post.attempts === 0 ? firstTimeoutMs : retryTimeoutMs);
    post.attempts += 1;
    if (accepted) {
      for (const { onDelivered } of post.items) onDelivered?.();
      return;
    }
    if (this.#options.clock.now() - post.begunAt > GIVE_UP_AFTER_MS) return;
    const backoffMs = (this.#options.backoffMs ?? 1_000) * 2 ** (post.attempts - 1);
    this.#after(Math.min(backoffMs, BACKOFF_MS_MAX), () => {
      this.#ready.push(post);
      this.#pump();
    });
  }

  async #post({ url, items }: Post, timeoutMs: number): Promise<boolean> {
    const target = new URL(url);
    const startedAt = performance.now();
    const signal = AbortSignal.timeout(timeoutMs);
    let accepted = false;
    try {
      const { statusCode, body } = await this.#options.dispatcher.request({
        origin: target.origin,
        path: `${target.pathname}${target.search}`,
        method: 'POST',
        headers: { 'content-type': 'application/json; charset=utf-8' },
        body: JSON.stringify(this.#bodyOf(items)),
        signal,
      });
      await body.dump();
      accepted = statusCode >= 200 && statusCode < 300;
    } catch {
      // No connection, or no answer in time.
    }
    const tookMs = signal.aborted ? timeoutMs + 1 : performance.now() - startedAt;
    this.#endpoint(url).answered(tookMs, this.#options.clock.now());
    return accepted;
  }

  /** With a token for each app, when something in it is rich (docs/graph-contract.md#validation-tokens). */
  #bodyOf(items: readonly Pending[]): object {
    const value = items.map(({ notification }) => notification);
    const senders = new Map(
      items.flatMap(({ rich }) => (rich ? [[rich.appId, rich] as const] : [])),
    );
    if (senders.size === 0) return { value };
    const { tokenFor } = this.#options;
    return { value, validationTokens: [...senders.values()].map((sender) => tokenFor(sender)) };
  }

  #after(ms: number, run: () => void): void {
    if (this.#closed) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, ms);
    this.#timers.add(timer);
  }
}
