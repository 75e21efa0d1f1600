import { Keeper, type KeeperOptions, type Redis, storeKey } from '@ms1/redis';
import { z } from 'zod';

/** What we prove ourselves with, and have to renew. */
const CREDENTIALS = ['graph', 'ms4'] as const;
export type CredentialName = (typeof CREDENTIALS)[number];

/** A process of the fleet, as it reported itself a few seconds ago. */
export const ProcessRecord = z.object({
  /** made up at its start: a process that is started again is another one */
  id: z.string(),
  /** ingest-api, poller, ... */
  app: z.string(),
  version: z.string(),
  host: z.string(),
  pid: z.int(),
  /** ms since the epoch */
  startedAt: z.number(),
  /** when it last said so */
  seenAt: z.number(),
  /** names of the readiness checks that fail; empty: ready */
  unready: z.array(z.string()),
  /** ms since the epoch at which credentials end, as far as it knows; of an earlier release none */
  credentials: z.partialRecord(z.enum(CREDENTIALS), z.number()).optional(),
  /** the last error in its log: what kind, and when (ms since the epoch) */
  lastError: z.object({ at: z.number(), code: z.string() }).optional(),
});
export type ProcessRecord = z.infer<typeof ProcessRecord>;

export interface ProcessStoreOptions extends KeeperOptions {
  /** ms after which a process that says nothing is not counted any more; default 15 s */
  expiryMs?: number;
}

/** The processes that are alive. Each keeps a record that expires by itself, so a kill needs no cleanup. */
export class ProcessStore extends Keeper {
  readonly #expiryMs: number;

  constructor(redis: Redis, options: ProcessStoreOptions = {}) {
    super(redis, options);
    this.#expiryMs = options.expiryMs ?? 15_000;
  }

  async beat(record: Omit<ProcessRecord, 'seenAt'>): Promise<void> {
    const seenAt = this.clock.now();
    const json = JSON.stringify({ ...record, seenAt } satisfies ProcessRecord);
    const answers = await this.redis
      .pipeline()
      .set(this.#key(record.id), json, 'PX', this.#expiryMs)
      .zadd(this.#index, seenAt, record.id)
      // An hour: clocks of hosts differ, and the records themselves expire on Redis's.
      .zremrangebyscore(this.#index, '-inf', seenAt - 3_600_000)
      .exec();
    for (const [error] of answers ?? []) if (error) throw error;
  }

  /** Says that a process is gone before its record expires. */
  async leave(id: string): Promise<void> {
    await this.redis.pipeline().del(this.#key(id)).zrem(this.#index, id).exec();
  }

  /** By app, the oldest first. */
  async list(): Promise<ProcessRecord[]> {
    const ids = await this.redis.zrange(this.#index, 0, -1);
    if (ids.length === 0) return [];
    const records = await this.redis.mget(ids.map((id) => this.#key(id)));
    return records
      .filter((json) => json !== null)
      .map((json) => ProcessRecord.parse(JSON.parse(json)))
      .toSorted((a, b) => a.app.localeCompare(b.app) || a.startedAt - b.startedAt);
  }

  #key(id: string): string {
    return storeKey(this.prefix, 'fleet', 'process', id);
  }

  get #index(): string {
    return storeKey(this.prefix, 'fleet', 'processes');
  }
}
