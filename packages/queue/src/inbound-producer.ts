import type { BulkJob } from '@ms1/bullmq-batch';
import {
  type IngestMessage,
  isRevocable,
  JOBS,
  jobIdOf,
  type LedgerEntry,
  type MessageLedger,
  messageKey,
  QUEUES,
  shardOfMailbox,
} from '@ms1/contracts';
import { type Redis, RedisRoom } from '@ms1/redis';
import { failpoint } from '@ms1/runtime';
import { recordNotices, recordStep } from '@ms1/tracing';
import type { Queue } from 'bullmq';
import { LRUCache } from 'lru-cache';

import { createDurableAdd } from './durable-add.ts';
import { EnqueueRefusedError } from './enqueue-refused-error.ts';
import { PayloadSealer } from './sealing/payload-sealer.ts';

/** What the producer needs of the ledger. */
export type InboundLedger = Pick<MessageLedger, 'known' | 'record' | 'revive'>;

export interface InboundProducerOptions {
  /** `inbound`, by shard */
  queues: readonly Queue[];
  ledger: InboundLedger;
  /** default: one without a key */
  payloads?: Pick<PayloadSealer, 'seal'>;
  now?: () => number;
}

export interface Noticed {
  /** new to the ledger, or there again after it was skipped for that; on `inbound` now */
  added: number;
  /** the ledger knew them already */
  known: number;
  /** what the ledger said of each message before, in their order; null: nothing */
  before: (LedgerEntry | null)[];
}

/** Jobs added in one script run: 500 x 5 us (measured) keep Redis for 3 ms. */
const CHUNK = 500;
/**
 * New messages of a mailbox in 10 s up to which they go first. A mailbox that gets more waits behind those that get less,
 * until 10 s after it did, and not they behind it; 500 mailboxes with 2 a second each are below what one processor
 * prepares, so it waits for ever behind none.
 */
const FEW = 20;
const FEW_MS = 10_000;
const MAILBOXES_MAX = 10_000;

/**
 * The way onto `inbound`, for notifications, delta pages and scans alike: noticing a message three
 * times is one job. The job is added before the ledger hears of it, so that a crash in between is
 * repaired by the next notice (same job id) and can not leave a message that is known but queued nowhere.
 */
export class InboundProducer {
  readonly #queues: readonly Queue[];
  readonly #ledger: InboundLedger;
  readonly #payloads: Pick<PayloadSealer, 'seal'>;
  readonly #now: () => number;
  readonly #adds: readonly ReturnType<typeof createDurableAdd<object>>[];
  readonly #room = new RedisRoom();
  /** new messages lately, by mailbox, as this process noticed them */
  readonly #lately: LRUCache<string, number>;
  /** mailboxes that got more lately than go first */
  readonly #floods: LRUCache<string, true>;

  constructor({ queues, ledger, payloads, now }: InboundProducerOptions) {
    this.#queues = queues;
    this.#ledger = ledger;
    this.#payloads = payloads ?? new PayloadSealer();
    this.#now = now ?? Date.now;
    const lately = { max: MAILBOXES_MAX, ttl: FEW_MS, perf: { now: this.#now } };
    this.#lately = new LRUCache(lately);
    this.#floods = new LRUCache(lately);
    this.#adds = queues.map((queue) => createDurableAdd<object>(queue));
  }

  /**
   * Puts what is new on `inbound`, and what was skipped because it, or its mailbox, was not there. When it resolves, every message is in Redis, and in a replica where there are any.
   *
   * @throws {EnqueueRefusedError} when Redis cannot take it now; the caller's source must offer it again
   */
  async notice(messages: readonly IngestMessage[]): Promise<Noticed> {
    await this.#needRoom();
    const total: Noticed = { added: 0, known: 0, before: [] };
    for (let start = 0; start < messages.length; start += CHUNK) {
      const startedAt = this.#now();
      const chunk = messages.slice(start, start + CHUNK);
      const keys = chunk.map(messageKey);
      const byKey = new Map(chunk.map((message, index) => [keys[index] ?? '', message]));
      // The ledger is in the same Redis: what keeps it from answering is the same refusal.
      const entries = await this.#noticeChunk(byKey).catch((error: unknown) => {
        throw EnqueueRefusedError.recognised(QUEUES.inbound, error) ?? error;
      });
      traceNotices(byKey, entries, startedAt);
      const added = [...entries.values()].filter(isNews).length;
      total.added += added;
      total.known += entries.size - added;
      total.before.push(...keys.map((key) => entries.get(key) ?? null));
    }
    return total;
  }

  /**
   * Puts messages on `inbound` whatever the ledger says of them: for those whose jobs are known to be
   * gone, or that are to be taken although they were skipped. Again, or while a job of one is there after all: nothing happens to it (same job id).
   *
   * @throws {EnqueueRefusedError}
   */
  async putBack(messages: readonly IngestMessage[]): Promise<void> {
    await this.#needRoom();
    for (let start = 0; start < messages.length; start += CHUNK) {
      const startedAt = this.#now();
      const chunk = messages.slice(start, start + CHUNK);
      const keyed = chunk.map((data) => ({ key: messageKey(data), data }));
      try {
        await this.#takeBack(keyed);
        await failpoint('notice:after-put-back');
        await this.#ledger.record(keyed.map((one) => queued(one, this.#now())));
        for (const { key, data } of keyed) traceAgain(key, data, startedAt);
      } catch (error) {
        throw EnqueueRefusedError.recognised(QUEUES.inbound, error) ?? error;
      }
    }
  }

  /** All mail comes by here, so that what waits can be worked off while Redis fills up. */
  async #needRoom(): Promise<void> {
    const redis = (await this.#queues[0]?.getBackend().client) as unknown as Redis;
    // The ledger is spread over the same slots.
    const prefixes = this.#queues.map((queue) => queue.toKey(''));
    if (await this.#room.isFull(redis, prefixes)) {
      throw new EnqueueRefusedError(QUEUES.inbound, 'nearly_full');
    }
  }

  /** @returns what the ledger said of each before */
  async #noticeChunk(
    messages: Map<string, IngestMessage>,
  ): Promise<Map<string, LedgerEntry | null>> {
    const known = await this.#ledger.known([...messages.keys()]);
    const notices = [...messages].map(([key, data], index) => ({
      key,
      data,
      entry: known[index] ?? null,
    }));
    const fresh = notices.filter(({ entry }) => !entry);
    const few = this.#fewOf(fresh);
    if (few.size > 0) await this.#add([...few], { lifo: true });
    const many = fresh.filter((one) => !few.has(one));
    if (many.length > 0) await this.#add(many);
    // Who shows it now is the better witness than who did not find it then.
    const back = notices.filter(({ entry }) => entry && isNews(entry));
    if (back.length > 0) await this.#takeBack(back);
    // A known message that a session finds is told to the ledger too: it decides whose the message is.
    const told = notices.filter(
      ({ data, entry }) =>
        !entry || (data.sessionId !== null && data.sessionId !== entry.sessionId),
    );
    if (told.length > 0) {
      await failpoint('notice:after-add');
      await this.#ledger.record(told.map((one) => queued(one, this.#now())));
    }
    return new Map(notices.map(({ key, entry }) => [key, entry]));
  }

  /**
   * Jobs first, as for what is new. One that is skipped once more before the ledger hears that it is queued would be left
   * queued without a job: so a job of what was skipped is added again, which does nothing while the first one is there.
   */
  async #takeBack(messages: readonly Keyed[]): Promise<void> {
    await this.#add(messages);
    await failpoint('notice:after-take-back');
    const revived = await this.#ledger.revive(messages.map(({ key }) => key));
    const again = messages.filter((_, index) => revived[index]);
    if (again.length > 0) await this.#add(again);
  }

  /** To the shards of their mailboxes, all at once: a source offers again what one of them has refused. */
  async #add(messages: readonly Keyed[], where: { lifo?: true } = {}): Promise<void> {
    const count = this.#queues.length;
    const byShard = Map.groupBy(messages, ({ data }) => shardOfMailbox(data.mailboxId, count));
    await Promise.all(
      [...byShard].map(async ([shard, own]) => {
        const jobs = own.map((one) => this.#toJob(one, where));
        await this.#adds[shard]?.(jobs);
      }),
    );
  }

  /** What is not to wait behind a flood in another mailbox: new mail of mailboxes that get little of it. */
  #fewOf<T extends Keyed>(fresh: readonly T[]): Set<T> {
    const live = fresh.filter(({ data }) => data.source !== 'backfill');
    const byMailbox = Map.groupBy(live, ({ data }) => data.mailboxId);
    const few = [...byMailbox].filter(([mailboxId, some]) => {
      const lately = (this.#lately.get(mailboxId) ?? 0) + some.length;
      this.#lately.set(mailboxId, lately, { noUpdateTTL: true });
      if (lately > FEW) this.#floods.set(mailboxId, true);
      // Twenty from the middle of a flood would come before those that they are on a page with.
      return !this.#floods.has(mailboxId);
    });
    return new Set(few.flatMap(([, some]) => some));
  }

  #toJob({ key, data }: Keyed, where: { lifo?: true } = {}): BulkJob<object> {
    const jobId = jobIdOf(key);
    const opts = { jobId, ...where };
    return { name: JOBS.ingestMessage, data: this.#payloads.seal(jobId, data), opts };
  }
}

interface Keyed {
  key: string;
  data: IngestMessage;
}

/** New to the ledger, or skipped in vain. */
function isNews(entry: LedgerEntry | null): boolean {
  return entry === null || (entry.state === 'skipped' && isRevocable(entry.reason));
}

function queued({ key, data: { sessionId, source, metadata } }: Keyed, at: number) {
  const receivedAt = metadata && Date.parse(metadata.receivedAt);
  return { key, state: 'queued' as const, at, sessionId, source, receivedAt };
}

/** What is new begins its trace here; what is there again goes on with the one it has. */
function traceNotices(
  messages: ReadonlyMap<string, IngestMessage>,
  before: ReadonlyMap<string, LedgerEntry | null>,
  startedAt: number,
): void {
  const fresh: string[] = [];
  for (const [key, data] of messages) {
    const entry = before.get(key);
    if (entry === null) fresh.push(key);
    else if (entry && isNews(entry)) traceAgain(key, data, startedAt);
  }
  const source = messages.get(fresh[0] ?? '')?.source;
  recordNotices(fresh, { startedAt, attributes: { 'ms1.source': source } });
}

function traceAgain(key: string, { source }: IngestMessage, startedAt: number): void {
  recordStep('notice message again', key, { startedAt, attributes: { 'ms1.source': source } });
}
