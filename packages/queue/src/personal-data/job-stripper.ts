import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Redis } from '@ms1/redis';
import type { Queue } from 'bullmq';

import { shownReason } from '../dead-letters/shown-reason.ts';
import { PayloadSealer } from '../sealing/payload-sealer.ts';
import { strippedPayload } from './strip-payload.ts';

/** The fields of a job's hash that may hold personal data. */
export interface StoredJob {
  id: string;
  /** as it was read; an empty one has no data */
  data: string;
  failedReason: string;
  stacktrace: string;
  /** what a worker kept of its run: nothing of ours does */
  returned: string;
}

/**
 * stripped: nothing personal is left. bare: there was nothing. busy: somebody has it in hand, or changed it this moment.
 * gone: it ended. unreadable: it cannot be told what is personal in it: sealed by a key that is not here, of a later
 * version, or no hash.
 */
export type Stripped = 'stripped' | 'bare' | 'busy' | 'gone' | 'unreadable';

/**
 *     KEYS  job, active, failed, the job's log
 *     ARGV  id, SHA-1 of the data as it was read, new data, when it died as it was read or '', new reason
 *
 * Only what is still what was read is written, and not while it is in somebody's hands: a job that is taken, retried or
 * ends meanwhile is left whole. 0 gone, 1 stripped, 2 busy.
 */
const STRIP_LUA = `
local data = redis.call('HGET', KEYS[1], 'data')
if not data then return 0 end
if redis.call('LPOS', KEYS[2], ARGV[1]) then return 2 end
if ARGV[4] ~= '' and tonumber(redis.call('ZSCORE', KEYS[3], ARGV[1]) or '-1') ~= tonumber(ARGV[4]) then return 2 end
if redis.sha1hex(data) ~= ARGV[2] then return 2 end
redis.call('HSET', KEYS[1], 'data', ARGV[3])
if redis.call('HEXISTS', KEYS[1], 'failedReason') == 1 then redis.call('HSET', KEYS[1], 'failedReason', ARGV[5]) end
if redis.call('HEXISTS', KEYS[1], 'stacktrace') == 1 then redis.call('HSET', KEYS[1], 'stacktrace', '[]') end
redis.call('HDEL', KEYS[1], 'returnvalue', 'progress')
redis.call('DEL', KEYS[4])
return 1
`;

const OUTCOMES: readonly Stripped[] = ['gone', 'stripped', 'busy'];

/** Removes personal data from jobs, in place: each keeps its position and its state. */
export class JobStripper {
  readonly queue: Queue;
  readonly #payloads: Pick<PayloadSealer, 'open' | 'seal'>;

  constructor(queue: Queue, payloads: Pick<PayloadSealer, 'open' | 'seal'> = new PayloadSealer()) {
    this.queue = queue;
    this.#payloads = payloads;
  }

  /** Jobs by their ids, in order; null for what is no job, or none any more. */
  async read(ids: readonly string[]): Promise<(StoredJob | 'unreadable' | null)[]> {
    const pipeline = (await this.#redis()).pipeline();
    const fields = ['data', 'failedReason', 'stacktrace', 'returnvalue', 'progress'];
    for (const id of ids) pipeline.hmget(this.queue.toKey(id), ...fields);
    return ((await pipeline.exec()) ?? []).map(([error, values], index) => {
      if (error) {
        if (error.message.startsWith('WRONGTYPE')) return 'unreadable';
        throw error;
      }
      const [data, reason, stack, returned, progress] = values as (string | null)[];
      if (data === null || data === undefined) return null;
      return {
        id: ids[index] ?? '',
        data,
        failedReason: reason ?? '',
        stacktrace: stack ?? '',
        returned: `${returned ?? ''}${progress ?? ''}`,
      };
    });
  }

  /** Those that are dead letters. */
  async failedAmong(ids: readonly string[]): Promise<Set<string>> {
    const pipeline = (await this.#redis()).pipeline();
    for (const id of ids) pipeline.zscore(this.queue.toKey('failed'), id);
    const answers = (await pipeline.exec()) ?? [];
    return new Set(ids.filter((_, index) => typeof answers[index]?.[1] === 'string'));
  }

  /** What a job says: its payload, or the text that is none. Null when it cannot be read here. */
  says(job: StoredJob): unknown {
    const payload = this.#plain(job);
    if (payload === SEALED) return null;
    return payload ?? job.data;
  }

  /** Whether there is anything to take out of a job; undefined: that cannot be told. */
  isBare(job: StoredJob): boolean | undefined {
    const after = this.#after(job);
    if (after === null) return undefined;
    const { data, failedReason, stacktrace, returned } = job;
    const [before, reason] = [this.#plain(job), cut(failedReason)];
    const isKept = data === '{}' || isDeepStrictEqual(before, after);
    const hasTrace = stacktrace !== '' && stacktrace !== '[]';
    return isKept && reason === failedReason && !hasTrace && emptyReturn(returned);
  }

  /** @param failedAt as it was read, for a dead letter that is to be one still */
  async strip(job: StoredJob, failedAt?: number): Promise<Stripped> {
    const isBare = this.isBare(job);
    if (isBare !== false) return isBare ? 'bare' : 'unreadable';
    const { id, data, failedReason } = job;
    const after = this.#after(job) ?? {};
    const sealed = Object.keys(after).length === 0 ? after : this.#payloads.seal(id, after);
    const redis = await this.#redis();
    const keys = [id, 'active', 'failed', `${id}:logs`].map((name) => this.queue.toKey(name));
    const outcome = await redis.eval(
      STRIP_LUA,
      keys.length,
      ...keys,
      id,
      createHash('sha1').update(data).digest('hex'),
      JSON.stringify(sealed),
      failedAt ?? '',
      cut(failedReason),
    );
    return OUTCOMES[outcome as number] ?? 'busy';
  }

  #after(job: StoredJob): object | null {
    const payload = this.#plain(job);
    return payload === SEALED ? null : strippedPayload(this.queue.name, payload);
  }

  #plain(job: StoredJob): unknown {
    let data: unknown;
    try {
      data = JSON.parse(job.data);
    } catch {
      // Not even JSON: nobody will read it, and anything may be in it.
      return undefined;
    }
    try {
      return this.#payloads.open(job.id, data);
    } catch {
      return SEALED;
    }
  }

  async #redis(): Promise<Redis> {
    return (await this.queue.getBackend().client) as unknown as Redis;
  }
}

const SEALED = Symbol('sealed');

/** What may be seen of why it failed by whoever may not see mail, which is what causes are made of: the cause stays what it was. */
function cut(reason: string): string {
  return reason === '' ? reason : (shownReason(reason) ?? 'other');
}

/** BullMQ writes these of its own. */
function emptyReturn(returned: string): boolean {
  return /^(?:null|""|0|)*$/.test(returned);
}
