import type { IQueueBackend } from 'bullmq';
import type { Redis } from 'ioredis';

import {
  type BatchDriver,
  type FetchedJob,
  type FetchPlan,
  type FetchResult,
  NOTHING_FETCHED,
  refusal,
  type Settlement,
  type SettleResult,
  type Verdict,
} from './batch-driver.ts';
import type { DriverContext } from './driver-context.ts';
import { addOutboundOf } from './outbound-job.ts';
import { PublicGate } from './public-gate.ts';
import { standIn } from './read-job.ts';
import type { ScriptClient } from './script-client.ts';
import { moveJob } from './settle-rows.ts';
import { isPassing, whileRefused } from './while-refused.ts';

/** calls of moveToActive in flight at once */
const CHUNK = 50;

interface Taken extends FetchedJob {
  readonly deaths: number;
}

/**
 * The slower way: BullMQ's public API (`IQueueBackend`, `Job`), a call a job. The gate uses keys of our
 * own. Outbound jobs always take the two steps, and a put-back of an isolated job counts as a start.
 */
export class PublicDriver implements BatchDriver {
  readonly #backend: IQueueBackend;
  readonly #client: Pick<Redis, 'lrange' | 'get'>;
  readonly #gate: PublicGate;
  readonly #context: DriverContext;
  /** connections lost so far: a settlement refused across one may have been ours, executed and sent again */
  #cuts = 0;

  constructor(
    backend: IQueueBackend,
    client: ScriptClient,
    context: DriverContext,
    onCut: (listener: () => void) => void,
  ) {
    this.#backend = backend;
    this.#client = client as unknown as Redis;
    this.#gate = new PublicGate(backend, client, context.settings);
    this.#context = context;
    onCut(() => {
      this.#cuts += 1;
    });
  }

  async fetch(plan: FetchPlan): Promise<FetchResult> {
    // It cannot look at a job without taking it.
    if (plan.first) return NOTHING_FETCHED;
    const limitMs = await this.#backend.getRateLimitTtl(this.#context.limiter?.max);
    if (limitMs > 0) return { ...NOTHING_FETCHED, limitMs };
    return this.#gate.pass(plan.token, () => this.#take(plan));
  }

  async settle(
    { token }: Pick<FetchPlan, 'token' | 'slot'>,
    settlements: readonly Settlement[],
    _next: FetchPlan | null,
  ): Promise<SettleResult> {
    const handedOver = settlements.filter(
      ({ outcome, outbound }) => outcome.kind === 'completed' && outbound.length > 0,
    );
    const patienceMs = this.#context.lockDuration / 2;
    const stopped = await addOutboundOf(
      new Map(handedOver.map((one) => [one, one.outbound])),
      patienceMs,
    );
    const verdicts = await Promise.all(
      settlements.map(async (one) => stopped.get(one) ?? this.#settleOne(one, token)),
    );
    return { verdicts, next: null };
  }

  async #settleOne(settlement: Settlement, token: string): Promise<Verdict> {
    const cuts = this.#cuts;
    try {
      await whileRefused(() => moveJob(settlement, token), this.#context.lockDuration / 2);
      return { ok: true };
    } catch (error) {
      const verdict = refusal(error);
      const mayBeOurs = !verdict.ok && verdict.lost && this.#cuts > cuts;
      return mayBeOurs && (await this.#isDone(settlement)) ? { ok: true } : verdict;
    }
  }

  /** Whether the job is where the settlement wanted it: then it was this settlement, sent a second time. */
  async #isDone({ job, outcome }: Settlement): Promise<boolean> {
    const state = await job.getState();
    switch (outcome.kind) {
      case 'completed':
        return state === 'completed' || state === 'unknown';
      case 'failed':
        return state !== 'active' && state !== 'completed';
      case 'delayed':
        return state === 'delayed' || state === 'waiting';
      case 'nacked':
        return state === 'waiting' || state === 'prioritized';
    }
  }

  async #take({ token, alone }: FetchPlan): Promise<FetchResult> {
    const { size, isolateStalled } = this.#context.settings;
    const { maxStalledCount } = this.#context;
    const taken: Taken[] = [];
    let [limitMs, wakeMs]: [number, number | null] = [0, null];
    let cap = size;
    while (taken.length < cap) {
      // The first alone: it decides how many may share its batch.
      const count = taken.length === 0 ? 1 : Math.min(CHUNK, cap - taken.length);
      const moved = await Promise.allSettled(
        Array.from({ length: count }, () =>
          this.#backend.moveToActive(token, this.#context.workerName),
        ),
      );
      const answers = moved.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      for (const [json, id, limit, dueAt] of answers) {
        if (json) {
          const deaths = isolateStalled && !json.deferredFailure ? (json.stalledCounter ?? 0) : 0;
          taken.push({ id, json, deaths });
        } else if (limit > 0) {
          limitMs = limit;
        } else if (dueAt > 0) {
          wakeMs = Math.max(dueAt - Date.now(), 0);
        }
      }
      const refused = moved.find((one) => one.status === 'rejected')?.reason as unknown;
      if (refused !== undefined) {
        if (isPassing(refused)) throw refused;
        taken.push(...(await this.#unreadable(token, taken, refused as Error)));
      }
      const [first] = taken;
      if (!first) break;
      cap = capOf(first.deaths, size, maxStalledCount);
      if (first.deaths > 0 && first.deaths >= maxStalledCount && !alone) {
        await this.#putBack(taken, token);
        return { ...NOTHING_FETCHED, blocked: true };
      }
      const misfit = taken.findIndex(({ deaths }) => capOf(deaths, size, maxStalledCount) !== cap);
      if (misfit > 0) {
        await this.#putBack(taken.splice(misfit), token);
        break;
      }
      if (answers.some(([json]) => !json)) break;
    }
    return {
      jobs: taken,
      limitMs,
      wakeMs: taken.length === 0 ? wakeMs : null,
      held: false,
      blocked: false,
    };
  }

  /** BullMQ fails at reading a job that it has taken without saying which: it carries our lock. */
  async #unreadable(token: string, taken: readonly Taken[], error: Error): Promise<Taken[]> {
    const known = new Set(taken.map(({ id }) => id));
    const active = await this.#client.lrange(this.#backend.toKey('active'), 0, CHUNK);
    const ids = active.filter((id) => !known.has(id));
    const locks = await Promise.all(
      ids.map((id) => this.#client.get(`${this.#backend.toKey(id)}:lock`)),
    );
    return ids
      .filter((_, i) => locks[i] === token)
      .map((id) => ({ id, json: standIn(id), deaths: 0, unreadable: error }));
  }

  /** Newest first, so that they stand in `wait` as before. */
  async #putBack(taken: readonly Taken[], token: string): Promise<void> {
    await Promise.all(
      taken.toReversed().map(({ id }) => this.#backend.moveJobFromActiveToWait(id, token)),
    );
  }
}

function capOf(deaths: number, size: number, maxStalledCount: number): number {
  if (deaths === 0) return size;
  return deaths >= maxStalledCount ? 1 : Math.max(1, Math.ceil(size / 4 ** deaths));
}
