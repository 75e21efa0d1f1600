import { type Queue, RedisQueueBackend, raw2NextJobData } from 'bullmq';
import { Packr } from 'msgpackr';

import {
  type BatchDriver,
  type FetchPlan,
  type FetchResult,
  refusal,
  type Settlement,
  type SettleResult,
  type Verdict,
} from './batch-driver.ts';
import type { Outbound } from './batch-entry.ts';
import { type AddScript, ROW_SCRIPTS } from './batch-lua.ts';
import type { DriverContext } from './driver-context.ts';
import { encodeRows, type Row } from './encode-rows.ts';
import { gateKey, requestsKey } from './gate-lua.ts';
import { addOutbound, shareScriptRun } from './outbound-job.ts';
import type { ScriptBackend } from './script-backend.ts';
import { recordingTransaction, type ScriptClient } from './script-client.ts';
import { ScriptSource } from './script-source.ts';
import { capturedRow, completionRow, type SettleRow } from './settle-rows.ts';
import { SingleRun } from './single-run.ts';
import { whileRefused } from './while-refused.ts';

/** as BullMQ packs what its scripts unpack */
const { pack } = new Packr({ useRecords: false, encodeUndefinedAsNil: true });

type RawJob = [hash: string[], id: string];
type RawAnswer = [
  out: (number | string)[],
  jobs: RawJob[],
  limit: number,
  delayedUntil: number,
  gate: number,
  flags: number,
];

const HELD = 1;
const BLOCKED = 2;

/** Many jobs a script run: see `batch-lua.ts`. */
export class ScriptDriver implements BatchDriver {
  readonly #backend: ScriptBackend;
  readonly #client: ScriptClient;
  readonly #source: ScriptSource;
  readonly #context: DriverContext;
  readonly #single: SingleRun;
  #calls = 0;

  constructor(backend: ScriptBackend, client: ScriptClient, context: DriverContext) {
    this.#backend = backend;
    this.#client = client;
    this.#source = new ScriptSource(client, backend.bullmqVersion);
    this.#context = context;
    this.#single = new SingleRun(backend, client, this.#source, context);
  }

  async fetch(plan: FetchPlan): Promise<FetchResult> {
    const { next } = await this.#run(plan.slot, [], plan);
    return next;
  }

  async settle(
    { token, slot }: Pick<FetchPlan, 'token' | 'slot'>,
    settlements: readonly Settlement[],
    next: FetchPlan | null,
  ): Promise<SettleResult> {
    const [first] = settlements;
    if (first && this.#single.applies(settlements)) {
      return this.#single.settle({ token, slot }, first, next);
    }
    const { adds, apart } = await this.#splitOutbound(settlements, token);
    await addOutbound(apart);
    const pending = await Promise.all(
      settlements.map((settlement) => this.#settleRow(settlement, token)),
    );
    const rows = pending.filter((row): row is SettleRow => 'script' in row);
    const answers = new Map<Row, number | string>();
    let fetched: FetchResult | null = null;
    try {
      if (rows.length > 0 || next) {
        const answer = await this.#run(slot, [...adds, ...rows], next);
        fetched = next ? answer.next : null;
        answer.order.forEach((row, i) => answers.set(row, answer.out[i] ?? 0));
      }
    } catch (error) {
      await Promise.all(rows.map((row) => row.refuse(error as Error)));
      throw error;
    }
    const verdicts = await Promise.all(
      pending.map((row): Verdict | Promise<Verdict> => {
        if (!('script' in row)) return row;
        const answer = answers.get(row);
        return typeof answer === 'string' ? row.refuse(new Error(answer)) : row.accept(answer ?? 0);
      }),
    );
    return { verdicts, next: fetched };
  }

  #settleRow(
    { job, outcome }: Settlement,
    token: string,
  ): SettleRow | Verdict | Promise<SettleRow | Verdict> {
    if (outcome.kind !== 'completed' || this.#context.hasTelemetry) {
      return capturedRow(this.#backend, { job, outcome }, token);
    }
    try {
      return completionRow(this.#backend, job, outcome.value, token);
    } catch (error) {
      return refusal(error);
    }
  }

  /** Outbound jobs that can be added in the same run as rows of it, and the others. */
  async #splitOutbound(
    settlements: readonly Settlement[],
    token: string,
  ): Promise<{ adds: Row[]; apart: Outbound[] }> {
    const adds: Row[] = [];
    const apart: Outbound[] = [];
    const together = new Map<Queue, boolean>();
    for (const { job, outcome, outbound } of settlements) {
      if (outcome.kind !== 'completed') continue;
      for (const item of outbound) {
        const joins = together.get(item.queue) ?? (await this.#joins(item.queue));
        together.set(item.queue, joins);
        if (!joins) {
          apart.push(item);
          continue;
        }
        const key = this.#backend.toKey(job.id ?? '');
        const record = recordingTransaction((script, args) => {
          adds.push({ script: script as AddScript, columns: [`${key}:lock`, token, key, ...args] });
        }, item.job.id ?? '');
        await item.job.addJob(record, {});
      }
    }
    return { adds, apart };
  }

  async #joins(queue: Queue): Promise<boolean> {
    const backend = queue.getBackend() as unknown;
    if (!(backend instanceof RedisQueueBackend)) return false;
    const client = (await backend.client) as unknown as ScriptClient;
    return shareScriptRun(
      { client: this.#client, qualifiedName: this.#context.qualifiedName },
      { client, qualifiedName: queue.qualifiedName },
    );
  }

  async #run<T extends Row>(
    slot: number,
    rows: readonly T[],
    plan: FetchPlan | null,
  ): Promise<{ out: (number | string)[]; order: T[]; next: FetchResult }> {
    const { groups, args, order } = encodeRows(rows, (script) => this.#source.keysOf(script));
    const used = ROW_SCRIPTS.filter((_, i) => groups.some((group) => group[0] === i + 1));
    this.#calls += 1;
    const command = this.#source.command(used, plan !== null);
    const values = [
      ...this.#keys(slot),
      this.#backend.toKey(''),
      Date.now(),
      plan ? this.#activeOptions(plan.token) : '',
      pack([String(this.#calls), groups, plan ? this.#fetchPlan(plan) : null]),
      ...args,
    ];
    const send = (): Promise<unknown> => this.#client.runCommand(command, values);
    // A fetch can be asked for again by the loop; a settlement is all that its batch has.
    const answer = (
      rows.length > 0 ? await whileRefused(send, this.#context.lockDuration / 2) : await send()
    ) as RawAnswer;
    return { out: answer[0], order, next: toFetchResult(answer) };
  }

  /** moveToActive's, in its order, then ours */
  #keys(slot: number): unknown[] {
    const {
      wait,
      active,
      prioritized,
      events,
      stalled,
      limiter = '',
      ...rest
    } = this.#backend.keys;
    const { delayed, paused, meta, pc, marker } = rest;
    const theirs = [
      wait,
      active,
      prioritized,
      events,
      stalled,
      limiter,
      delayed,
      paused,
      meta,
      pc,
      marker,
    ];
    const sent = `${limiter}:sent:${this.#context.workerId}:${slot}`;
    return [...theirs, requestsKey(limiter), gateKey(limiter), sent];
  }

  #activeOptions(token: string): Buffer {
    const { lockDuration, limiter, workerName } = this.#context;
    return pack({ token, lockDuration, limiter, name: workerName });
  }

  #fetchPlan({ token, alone }: FetchPlan): Record<string, unknown> {
    const { settings, maxStalledCount } = this.#context;
    return {
      token,
      alone,
      max: settings.size,
      min: settings.minSize,
      timeout: settings.timeout,
      idle: settings.idle,
      requests: settings.requestLimiter.max,
      duration: settings.requestLimiter.duration,
      maxStalled: settings.isolateStalled ? maxStalledCount : -1,
    };
  }
}

function toFetchResult([, jobs, limitMs, delayedUntil, gateMs, flags]: RawAnswer): FetchResult {
  const dueMs = delayedUntil > 0 ? Math.max(delayedUntil - Date.now(), 0) : Infinity;
  const wakeMs = Math.min(dueMs, gateMs >= 0 ? gateMs : Infinity);
  return {
    jobs: jobs.map(([hash, id]) => ({ id, json: raw2NextJobData([hash, id, 0, 0])[0] })),
    limitMs,
    wakeMs: wakeMs === Infinity ? null : wakeMs,
    held: (flags & HELD) !== 0,
    blocked: (flags & BLOCKED) !== 0,
  };
}
