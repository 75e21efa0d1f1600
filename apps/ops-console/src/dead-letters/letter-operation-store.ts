import { randomBytes } from 'node:crypto';
import { QUEUES } from '@ms1/contracts';
import { Keeper, type KeeperOptions, type Redis, storeKey } from '@ms1/redis';
import { z } from 'zod';

/** What is to be done with which dead letters. */
export const LetterRequest = z.object({
  action: z.enum(['replay', 'discard']),
  stage: z.enum(QUEUES).optional(),
  fingerprint: z.string().optional(),
  key: z.string().optional(),
  /** letters a second at most */
  perSecond: z.number(),
  reason: z.string(),
  /** ms since the epoch: what dies later is not part of it, so that a replay can not run in a circle */
  until: z.number(),
  /** how many there were when it was asked for */
  matched: z.number(),
});
export type LetterRequest = z.infer<typeof LetterRequest>;

export interface LetterOperation extends LetterRequest {
  id: string;
  status: 'running' | 'done' | 'cancelled';
  /** letters replayed or discarded; and those that somebody else was faster with */
  done: number;
  gone: number;
  /** replayed ones whose data was lost: the audit puts them back */
  lost: number;
  /** ms since the epoch */
  createdAt: number;
  finishedAt: number | null;
}

export interface LetterOperationStoreOptions extends KeeperOptions {
  /** ms that an operation is kept; default 35 days */
  retentionMs?: number;
}

const RETENTION_MS = 35 * 24 * 3_600_000;

const count = z.coerce.number().default(0);
const Stored = z.object({
  request: z.string().transform((json) => LetterRequest.parse(JSON.parse(json))),
  status: z.enum(['running', 'done', 'cancelled']),
  done: count,
  gone: count,
  lost: count,
  createdAt: z.coerce.number(),
  finishedAt: z.coerce.number().nullable().default(null),
});

/** Replays and discards under way, so that any console can go on with what another began. */
export class LetterOperationStore extends Keeper {
  readonly #retentionMs: number;

  constructor(redis: Redis, options: LetterOperationStoreOptions = {}) {
    super(redis, options);
    this.#retentionMs = options.retentionMs ?? RETENTION_MS;
  }

  async create(request: LetterRequest): Promise<LetterOperation> {
    const id = randomBytes(6).toString('base64url');
    const createdAt = this.clock.now();
    const fields = { request: JSON.stringify(request), status: 'running', createdAt };
    await this.redis
      .multi()
      .hset(this.#key(id), fields)
      .pexpire(this.#key(id), this.#retentionMs)
      .sadd(this.#running, id)
      .exec();
    const counts = { done: 0, gone: 0, lost: 0 };
    return { id, ...request, status: 'running', ...counts, createdAt, finishedAt: null };
  }

  async get(id: string): Promise<LetterOperation | null> {
    const hash = await this.redis.hgetall(this.#key(id));
    if (hash['request'] === undefined) return null;
    const { request, ...stored } = Stored.parse(hash);
    return { id, ...request, ...stored };
  }

  /** Ids of those that are not finished. */
  async running(): Promise<string[]> {
    return this.redis.smembers(this.#running);
  }

  /** Counts what was done. False when it was cancelled: stop. */
  async progress(
    id: string,
    { done = 0, gone = 0, lost = 0 }: { done?: number; gone?: number; lost?: number },
  ): Promise<boolean> {
    const pipeline = this.redis.pipeline();
    if (done) pipeline.hincrby(this.#key(id), 'done', done);
    if (gone) pipeline.hincrby(this.#key(id), 'gone', gone);
    if (lost) pipeline.hincrby(this.#key(id), 'lost', lost);
    pipeline.sismember(this.#running, id);
    const answers = (await pipeline.exec()) ?? [];
    const [error, member] = answers.at(-1) ?? [];
    if (error) throw error;
    return member === 1;
  }

  /** Ends it. False when it had ended before. */
  async end(id: string, status: 'done' | 'cancelled'): Promise<boolean> {
    if ((await this.redis.srem(this.#running, id)) === 0) return false;
    await this.redis.hset(this.#key(id), 'status', status, 'finishedAt', this.clock.now());
    return true;
  }

  #key(id: string): string {
    return storeKey(this.prefix, 'letters', 'operation', id);
  }

  get #running(): string {
    return storeKey(this.prefix, 'letters', 'running');
  }
}
