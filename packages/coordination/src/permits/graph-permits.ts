import { randomBytes } from 'node:crypto';
import { DEFAULT_KEY_PREFIX, mailboxPrefix } from '@ms1/contracts';
import { defineScript, type Redis } from '@ms1/redis';

import { COUNT_REQUESTS_LUA, EXCHANGE_PERMITS_LUA, HOLD_LUA } from './graph-permits.lua.ts';
import { mailboxHash, slotsKey } from './mailbox-keys.ts';
import { graphStateKey, type MailboxStateOptions } from './mailbox-state.ts';

/** Graph's limit of requests in flight per app and mailbox, all kinds together (docs/graph-contract.md#throttling). */
const GRAPH_SLOTS = 4;
/**
 * Graph's limit of requests in any 10 minutes per app and mailbox, refused ones included
 * (docs/graph-contract.md#throttling).
 */
const WINDOW_REQUESTS = 10_000;
const WINDOW_MS = 600_000;
/** Buckets of a window: the account is at most a sixtieth of it behind, and a mailbox's hash stays a listpack. */
const BUCKETS = 60;
/** A call reaches Graph up to its deadline after it was granted: what was granted so long before still may count there. */
const GUARD_MS = 30_000;
/** Graph gives up on a call after about 30 s, and the call was made a moment after it was granted. */
const UNANSWERED_MS = 35_000;
/** Of the window for backfill; the rest is live mail's: 2,000 requests in 10 minutes are 200 messages a minute. */
const BACKFILL_SHARE = 0.8;
/** Who waits asks again within 300 ms; on a machine that is busy somewhat later. */
const CLAIM_MS = 500;
/** Graph says to wait for 15 minutes at most (we clamp it); nothing here is worth keeping longer than an hour. */
const EXPIRY_MS = 3_600_000;
/** 2, 4, 8 ... s, 5 minutes at most: a blip costs seconds, a mailbox that moves for hours a probe every 5 minutes. */
const BACKOFF_MS = 2_000;
const BACKOFF_MS_MAX = 300_000;

export interface PermitAsk {
  mailboxId: string;
  /** slots it keeps busy: 1 to 4 */
  permits: number;
  /** slots it can do with where not all are free, each for one request; default `permits` */
  least?: number | undefined;
  /** requests Graph will count */
  requests: number;
  /** may use all of the window, and goes before what is not live */
  live: boolean;
  /** of the answer that refused the same ask before: it keeps its place */
  ticket?: string | undefined;
}

export type GraphPermit =
  | {
      granted: true;
      /** slots: those asked for, or fewer where it can do with them */
      permits: number;
      /** the mailbox was held because it was not available: this is the only call to it until it is released */
      probe: boolean;
      /** messages of the mailbox are parked because it refused them, and may be woken once it answers well */
      parked: boolean;
      /** share of the window's requests that are used, 0 to 1 */
      used: number;
      /**
       * @param well a probe that did well lets the others in
       * @param answered false: nobody waits for the answer any more, but Graph may be at it still: the slots stay taken
       */
      release(well?: boolean, answered?: boolean): Promise<void>;
    }
  | {
      granted: false;
      /** held: nobody may call the mailbox; spent: its window is used up; busy: its slots are taken */
      reason: 'held' | 'spent' | 'busy';
      /** share of the window's requests that are used; of a window that is used up */
      used?: number;
      retryInMs: number;
      ticket: string;
    };

export interface GraphPermitsOptions extends MailboxStateOptions {
  /** ms after which the slots of a holder that never released them are free; default 65000: above two request timeouts */
  leaseMs?: number;
  /** ms after which Graph is done with a call that nobody waits for any more; default 35000 */
  unansweredMs?: number;
  /** ms to wait when slots are merely taken; default 25, a fraction of a Graph request */
  busyRetryMs?: number;
  /** requests in flight a mailbox; default 4 */
  slots?: number;
  /** requests in `windowMs`; default 10,000 in 10 minutes, counted 30 s longer than Graph counts them */
  windowRequests?: number;
  windowMs?: number;
  guardMs?: number;
  /** [0, 1); for jitter */
  random?: () => number;
  /** ms of a clock that never jumps; default `performance.now` */
  now?: () => number;
}

interface Waiting {
  ask: PermitAsk & { ticket: string };
  resolve: (permit: GraphPermit) => void;
  reject: (error: unknown) => void;
}

/** code, ms, requests in the window, slots, 1 when parked */
type Answer = [string, number, number, number, number];

interface Leaving {
  mailboxId: string;
  token: string;
  permits: number;
  /** '' for what was no probe */
  probe: '' | 'closed' | 'failed';
  answered: boolean;
  resolve: () => void;
  reject: (error: unknown) => void;
}

/**
 * Permits to call Graph for a mailbox, shared by all processes: they bound requests in flight and in the sliding
 * window, and a hold stops them. Permits returned and asked for in one turn of the event loop go in one command a shard, the
 * returned ones first: under load a call's permits reach the next in line by the command that returns them.
 */
export class GraphPermits {
  readonly #prefix: string;
  readonly #shards: number;
  readonly #options: Required<Omit<GraphPermitsOptions, keyof MailboxStateOptions>>;
  readonly #exchange: ReturnType<typeof defineScript>;
  readonly #hold: ReturnType<typeof defineScript>;
  readonly #count: ReturnType<typeof defineScript>;
  #waiting: Waiting[] = [];
  #leaving: Leaving[] = [];

  constructor(redis: Redis, options: GraphPermitsOptions = {}) {
    this.#prefix = options.prefix ?? DEFAULT_KEY_PREFIX;
    this.#shards = options.shards ?? 1;
    this.#options = {
      leaseMs: options.leaseMs ?? 65_000,
      unansweredMs: options.unansweredMs ?? UNANSWERED_MS,
      busyRetryMs: options.busyRetryMs ?? 25,
      slots: options.slots ?? GRAPH_SLOTS,
      windowRequests: options.windowRequests ?? WINDOW_REQUESTS,
      windowMs: options.windowMs ?? WINDOW_MS,
      guardMs: options.guardMs ?? GUARD_MS,
      random: options.random ?? Math.random,
      now: options.now ?? (() => performance.now()),
    };
    this.#exchange = defineScript(redis, 'ms1GraphPermitsExchange', EXCHANGE_PERMITS_LUA);
    this.#hold = defineScript(redis, 'ms1GraphPermitsHold', HOLD_LUA);
    this.#count = defineScript(redis, 'ms1GraphPermitsCount', COUNT_REQUESTS_LUA);
  }

  /** What Graph grants a mailbox, as it was configured. */
  get limits(): { slots: number; windowRequests: number; windowMs: number } {
    return this.#options;
  }

  /**
   * Asks for slots and for the requests that will be made under them. Never waits.
   *
   * @throws {RangeError} when the ask could never be granted
   */
  acquire(ask: PermitAsk): Promise<GraphPermit> {
    const { slots, windowRequests } = this.#options;
    const { permits, least = permits, requests, live, ticket = newTicket() } = ask;
    const most = live ? windowRequests : this.#backfillRequests();
    const isPossible = [least, permits].every(Number.isInteger) && least >= 1 && least <= permits;
    if (!isPossible || permits > slots || requests > most) {
      const asked = `${least} to ${permits} slots and ${requests} requests`;
      const limits = `a mailbox has ${slots} slots and ${most} requests`;
      return Promise.reject(new RangeError(`${limits}: ${asked} are not possible`));
    }
    return new Promise((resolve, reject) => {
      this.#exchangeSoon();
      this.#waiting.push({ ask: { ...ask, ticket }, resolve, reject });
    });
  }

  /**
   * Lets no request to the mailbox begin in any process.
   *
   * @param ms null: a backoff, doubled each time in a row
   * @param probe afterwards a single call goes first; default false
   * @returns ms from now on that it is held
   */
  async hold(mailboxId: string, ms: number | null, { probe = false } = {}): Promise<number> {
    const factor = 1 + this.#options.random() / 2;
    const wanted = ms === null ? 0 : Math.max(1, Math.ceil(ms));
    return (await this.#hold(
      [graphStateKey(this.#ownPrefix(mailboxId), mailboxId)],
      [wanted, BACKOFF_MS, BACKOFF_MS_MAX, factor, probe ? 1 : 0, EXPIRY_MS],
    )) as number;
  }

  /** Requests in the window of each of these mailboxes, as one that asks would find them; one command a shard. */
  async requestsOf(mailboxIds: readonly string[]): Promise<number[]> {
    const found = new Map<string, number>();
    const byShard = Map.groupBy(new Set(mailboxIds), (id) => this.#ownPrefix(id));
    const countIn = async (own: string, ids: readonly string[]): Promise<void> => {
      const keys = ids.map((id) => graphStateKey(own, id));
      const totals = (await this.#count(keys, this.#buckets())) as number[];
      for (const [index, id] of ids.entries()) found.set(id, totals[index] ?? 0);
    };
    await Promise.all([...byShard].map(([own, ids]) => countIn(own, ids)));
    return mailboxIds.map((id) => found.get(id) ?? 0);
  }

  /** ms a bucket, and how many of them are counted. */
  #buckets(): [number, number] {
    const { windowMs, guardMs } = this.#options;
    const bucketMs = Math.ceil(windowMs / BUCKETS);
    return [bucketMs, Math.ceil((windowMs + guardMs) / bucketMs)];
  }

  /** Call it before adding to either list. */
  #exchangeSoon(): void {
    if (this.#waiting.length + this.#leaving.length > 0) return;
    setImmediate(() => this.#exchangeNow());
  }

  #exchangeNow(): void {
    const [leaving, waiting] = [this.#leaving, this.#waiting];
    [this.#leaving, this.#waiting] = [[], []];
    const own = (mailboxId: string): string => this.#ownPrefix(mailboxId);
    const left = Map.groupBy(leaving, ({ mailboxId }) => own(mailboxId));
    const asked = Map.groupBy(waiting, ({ ask }) => own(ask.mailboxId));
    for (const prefix of new Set([...left.keys(), ...asked.keys()])) {
      void this.#exchangeIn(prefix, left.get(prefix) ?? [], asked.get(prefix) ?? []);
    }
  }

  async #exchangeIn(prefix: string, leaving: Leaving[], waiting: Waiting[]): Promise<void> {
    const { leaseMs, unansweredMs, slots, windowRequests, windowMs, guardMs } = this.#options;
    const askedAt = this.#options.now();
    const mailboxes = [...leaving, ...waiting.map(({ ask }) => ask)];
    try {
      const answers = (await this.#exchange(
        mailboxes.flatMap(({ mailboxId }) => [
          slotsKey(prefix, mailboxHash(mailboxId)),
          graphStateKey(prefix, mailboxId),
        ]),
        [
          leaseMs,
          slots,
          windowRequests,
          this.#backfillRequests(),
          ...this.#buckets(),
          CLAIM_MS,
          Math.max(EXPIRY_MS, windowMs + guardMs),
          unansweredMs,
          leaving.length,
          ...leaving.flatMap(({ token, permits, probe, answered }) => [
            token,
            permits,
            probe,
            answered ? 1 : 0,
          ]),
          ...waiting.flatMap(({ ask }) => [
            ask.ticket,
            ask.permits,
            ask.least ?? ask.permits,
            ask.requests,
            ask.live ? 1 : 0,
          ]),
        ],
      )) as Answer[];
      for (const { resolve } of leaving) resolve();
      // This process stood still meanwhile: a call that is made now may outlast its lease, so it asks again.
      const isLate = this.#options.now() - askedAt > Math.max(leaseMs - unansweredMs, leaseMs / 2);
      for (const [index, { ask, resolve }] of waiting.entries()) {
        const permit = this.#toPermit(ask, answers[index] ?? ['busy', 0, 0, 0, 0]);
        if (permit.granted && isLate) {
          permit.release(false).catch(() => undefined);
          resolve(this.#toPermit({ ...ask, ticket: newTicket() }, ['busy', 0, 0, 0, 0]));
        } else resolve(permit);
      }
    } catch (error) {
      for (const { reject } of [...leaving, ...waiting]) reject(error);
    }
  }

  #toPermit(ask: Waiting['ask'], [code, ms, requests, permits, parked]: Answer): GraphPermit {
    const { busyRetryMs, windowRequests } = this.#options;
    if (code === 'held' || code === 'spent' || code === 'busy') {
      return {
        granted: false,
        reason: code,
        retryInMs: ms || busyRetryMs,
        ticket: ask.ticket,
        ...(code === 'spent' && { used: requests / windowRequests }),
      };
    }
    const probe = code === 'probe';
    return {
      granted: true,
      permits,
      probe,
      parked: parked === 1,
      used: requests / windowRequests,
      release: (well = true, answered = true) =>
        new Promise((resolve, reject) => {
          this.#exchangeSoon();
          this.#leaving.push({
            mailboxId: ask.mailboxId,
            token: ask.ticket,
            permits,
            probe: probe ? (well ? 'closed' : 'failed') : '',
            answered,
            resolve,
            reject,
          });
        }),
    };
  }

  #backfillRequests(): number {
    return Math.floor(this.#options.windowRequests * BACKFILL_SHARE);
  }

  #ownPrefix(mailboxId: string): string {
    return mailboxPrefix(this.#prefix, mailboxId, this.#shards);
  }
}

function newTicket(): string {
  return randomBytes(9).toString('base64url');
}
