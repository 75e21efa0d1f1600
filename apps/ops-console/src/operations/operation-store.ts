import { randomBytes } from 'node:crypto';
import { MESSAGE_STATES, QUEUES } from '@ms1/contracts';
import { Keeper, type KeeperOptions, type Redis, storeKey } from '@ms1/redis';
import { z } from 'zod';

/** What is to be done with which messages: dead letters, or listed mail. Times are ms since the epoch. */
export const OperationRequest = z.object({
  action: z.enum(['replay', 'discard', 'put-back']),
  letters: z
    .object({
      stage: z.enum([QUEUES.inbound, QUEUES.outbound]).optional(),
      fingerprint: z.string().optional(),
      key: z.string().optional(),
    })
    .optional(),
  mail: z
    .object({
      mailboxId: z.string().optional(),
      state: z.enum(MESSAGE_STATES).optional(),
      reason: z.string().optional(),
      sessionId: z.string().optional(),
      from: z.string().optional(),
      to: z.string().optional(),
    })
    .optional(),
  /** messages a second at most */
  perSecond: z.number(),
  reason: z.string(),
  /** who asked */
  by: z.string(),
  /** what comes to fit later is not part of it, so that a replay can not run in a circle */
  until: z.number(),
  /** how many there were when it was asked for */
  matched: z.number(),
});
export type OperationRequest = z.infer<typeof OperationRequest>;

/**
 * What became of one message. gone: it did not fit any more. lost: it was replayed without its data, so the audit puts it
 * back. failed: with a code that says why nothing was done.
 */
export type Outcome = 'done' | 'gone' | 'lost' | `failed:${string}`;

/** It can not be done before its mailbox has had its time: once more then, with what it failed with where that does not help. */
export interface Later {
  later: string;
  afterMs: number;
}

/** What waits for its mailbox. */
export interface Postponed {
  item: unknown;
  /** how often it was tried */
  tries: number;
}

export interface Operation extends OperationRequest {
  id: string;
  status: 'running' | 'done' | 'cancelled';
  done: number;
  gone: number;
  lost: number;
  /** by code */
  failures: Record<string, number>;
  /** that are tried again at the end, because their mailboxes want time */
  later: number;
  createdAt: number;
  finishedAt: number | null;
  /** how far it has looked, in the words of whoever looks */
  position: unknown;
  /** what it had begun to do when it was last heard of; it may be done, or half done */
  inHand: unknown[];
}

export interface OperationStoreOptions extends KeeperOptions {
  /** ms that an operation is kept; default 35 days */
  retentionMs?: number;
}

const RETENTION_MS = 35 * 24 * 3_600_000;
const FAILED = 'failed:';

const count = z.coerce.number().default(0);
const json = z.string().transform((text): unknown => JSON.parse(text));
const Stored = z.object({
  request: json.pipe(OperationRequest),
  status: z.enum(['running', 'done', 'cancelled']),
  done: count,
  gone: count,
  lost: count,
  createdAt: z.coerce.number(),
  finishedAt: z.coerce.number().nullable().default(null),
  position: json.optional(),
  inHand: json.pipe(z.array(z.unknown())).default([]),
});

const Waiting = json.pipe(z.object({ item: z.unknown(), tries: z.number() }));
const textOf = ({ item, tries }: Postponed): string => JSON.stringify({ item, tries });

/** What is under way with many messages, so that any console can go on with what another began. */
export class OperationStore extends Keeper {
  readonly #retentionMs: number;

  constructor(redis: Redis, options: OperationStoreOptions = {}) {
    super(redis, options);
    this.#retentionMs = options.retentionMs ?? RETENTION_MS;
  }

  async create(request: OperationRequest): Promise<Operation> {
    const id = randomBytes(6).toString('base64url');
    const createdAt = this.clock.now();
    const fields = { request: JSON.stringify(request), status: 'running', createdAt };
    await this.redis
      .multi()
      .hset(this.#key(id), fields)
      .pexpire(this.#key(id), this.#retentionMs)
      .sadd(this.#running, id)
      .exec();
    const counts = { done: 0, gone: 0, lost: 0, failures: {}, later: 0 };
    const begun = { position: undefined, inHand: [], createdAt, finishedAt: null };
    return { id, ...request, status: 'running', ...counts, ...begun };
  }

  async get(id: string): Promise<Operation | null> {
    const [hash, later] = await Promise.all([
      this.redis.hgetall(this.#key(id)),
      this.redis.zcard(this.#later(id)),
    ]);
    if (hash['request'] === undefined) return null;
    const { request, ...stored } = Stored.parse(hash);
    const failures = Object.entries(hash).flatMap(([field, n]) =>
      field.startsWith(FAILED) ? [[field.slice(FAILED.length), Number(n)] as const] : [],
    );
    const { position, ...rest } = stored;
    return { id, ...request, ...rest, position, later, failures: Object.fromEntries(failures) };
  }

  /** Ids of those that are not finished. */
  async running(): Promise<string[]> {
    return this.redis.smembers(this.#running);
  }

  /** Notes what is done next, and from where to look on after it. */
  async take(id: string, inHand: readonly unknown[], position: unknown): Promise<void> {
    const held = inHand.length > 0 ? { inHand: JSON.stringify(inHand) } : {};
    await this.redis.hset(this.#key(id), { ...held, position: JSON.stringify(position) });
  }

  /** What waits for its mailbox, the first whose time it is first, and ms until then. */
  async postponed(id: string, most: number): Promise<(Postponed & { waitMs: number })[]> {
    const flat = await this.redis.zrange(this.#later(id), 0, most - 1, 'WITHSCORES');
    const now = this.clock.now();
    return flat.flatMap((text, n) =>
      n % 2 === 0 ? [{ ...Waiting.parse(text), waitMs: Number(flat[n + 1]) - now }] : [],
    );
  }

  /**
   * Counts what came of what it had in hand. False when it was cancelled: stop.
   *
   * @param change.tried had waited, and does not any more
   * @param change.postponed waits from now on
   */
  async progress(
    id: string,
    outcomes: readonly Outcome[],
    change: { tried?: readonly Postponed[]; postponed?: readonly (Postponed & Later)[] } = {},
  ): Promise<boolean> {
    const { tried = [], postponed = [] } = change;
    const multi = this.redis.multi();
    for (const { item, tries } of tried) multi.zrem(this.#later(id), textOf({ item, tries }));
    for (const { item, tries, afterMs } of postponed) {
      multi.zadd(this.#later(id), this.clock.now() + afterMs, textOf({ item, tries }));
    }
    if (postponed.length > 0) multi.pexpire(this.#later(id), this.#retentionMs);
    for (const [outcome, all] of Map.groupBy(outcomes, (one) => one)) {
      multi.hincrby(this.#key(id), outcome, all.length);
    }
    const answers = await multi.hdel(this.#key(id), 'inHand').sismember(this.#running, id).exec();
    const [error, member] = answers?.at(-1) ?? [];
    if (error) throw error;
    return member === 1;
  }

  /** Ends it. False when it had ended before. */
  async end(id: string, status: 'done' | 'cancelled'): Promise<boolean> {
    if ((await this.redis.srem(this.#running, id)) === 0) return false;
    await this.redis
      .multi()
      .hset(this.#key(id), 'status', status, 'finishedAt', this.clock.now())
      .del(this.#later(id))
      .exec();
    return true;
  }

  #key(id: string): string {
    return storeKey(this.prefix, 'operation', 'record', id);
  }

  #later(id: string): string {
    return storeKey(this.prefix, 'operation', 'later', id);
  }

  get #running(): string {
    return storeKey(this.prefix, 'operation', 'running');
  }
}
