import { type Queue, RedisQueueBackend } from 'bullmq';

import { addRow, isMixed } from './add-rows.ts';
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
import { CompletionRows } from './completion-rows.ts';
import type { DriverContext } from './driver-context.ts';
import type { Row } from './encode-rows.ts';
import { addOutboundOf, shareScriptRun } from './outbound-job.ts';
import type { ScriptBackend } from './script-backend.ts';
import type { ScriptClient } from './script-client.ts';
import { ScriptRun } from './script-run.ts';
import { ScriptSource } from './script-source.ts';
import { capturedRow, type SettleRow } from './settle-rows.ts';

type Pending = SettleRow | Verdict;

const isRow = (pending: Pending): pending is SettleRow => 'script' in pending;

interface SplitOutbound {
  /** rows of the same run */
  readonly adds: Map<Settlement, Row[]>;
  /** to be added before */
  readonly apart: Map<Settlement, Outbound[]>;
  /** outbound jobs that BullMQ does not take: data without JSON, options that contradict each other */
  readonly unusable: Map<Settlement, Verdict>;
}

/** Many jobs a script run: see `batch-lua.ts`. */
export class ScriptDriver implements BatchDriver {
  readonly #backend: ScriptBackend;
  readonly #client: ScriptClient;
  readonly #context: DriverContext;
  readonly #run: ScriptRun;
  readonly #completions: CompletionRows;

  constructor(backend: ScriptBackend, client: ScriptClient, context: DriverContext) {
    const source = new ScriptSource(client, backend.bullmqVersion);
    this.#backend = backend;
    this.#client = client;
    this.#context = context;
    this.#completions = new CompletionRows(backend);
    this.#run = new ScriptRun(backend, client, source, context);
  }

  async fetch(plan: FetchPlan): Promise<FetchResult> {
    const { next } = await this.#run.run(plan.slot, [], plan);
    return next;
  }

  async settle(
    { token, slot }: Pick<FetchPlan, 'token' | 'slot'>,
    settlements: readonly Settlement[],
    next: FetchPlan | null,
  ): Promise<SettleResult> {
    const { adds, apart, unusable } = await this.#splitOutbound(settlements, token);
    const stopped = new Map([
      ...unusable,
      ...(await addOutboundOf(apart, this.#context.lockDuration / 2)),
    ]);
    const started = settlements.map((one) => stopped.get(one) ?? this.#settleRow(one, token));
    const pending: Pending[] = [];
    for (const row of started) pending.push(row instanceof Promise ? await row : row);
    // What is not going to be completed hands nothing over.
    const handedOver = settlements.flatMap((settlement, i) => {
      const row = pending[i];
      return row && isRow(row) ? (adds.get(settlement) ?? []) : [];
    });
    return this.#settlePending(slot, pending, handedOver, next);
  }

  async #settlePending(
    slot: number,
    pending: readonly Pending[],
    adds: readonly Row[],
    next: FetchPlan | null,
  ): Promise<SettleResult> {
    const rows = pending.filter(isRow);
    if (rows.length === 0 && !next) return { verdicts: pending as Verdict[], next: null };
    try {
      const { out, order, next: fetched } = await this.#run.run(slot, [...adds, ...rows], next);
      const answers = new Map(order.map((row, i) => [row, out[i] ?? 0]));
      const verdicts: Verdict[] = [];
      for (const one of pending) {
        const verdict = isRow(one) ? answered(one, answers.get(one) ?? 0) : one;
        verdicts.push(verdict instanceof Promise ? await verdict : verdict);
      }
      return { verdicts, next: next ? fetched : null };
    } catch (error) {
      for (const row of rows) await row.refuse(error as Error);
      throw error;
    }
  }

  #settleRow({ job, outcome }: Settlement, token: string): Pending | Promise<Pending> {
    if (outcome.kind !== 'completed' || this.#context.hasTelemetry) {
      return capturedRow(this.#backend, { job, outcome }, token);
    }
    try {
      return this.#completions.row(job, outcome.value, token);
    } catch (error) {
      return refusal(error);
    }
  }

  /** Outbound jobs that can be added as rows of the same run, and those that must be added before. */
  async #splitOutbound(
    settlements: readonly Settlement[],
    token: string,
    plain = true,
  ): Promise<SplitOutbound> {
    const adds = new Map<Settlement, Row[]>();
    const apart = new Map<Settlement, Outbound[]>();
    const unusable = new Map<Settlement, Verdict>();
    const together = new Map<Queue, boolean>();
    for (const settlement of settlements) {
      if (settlement.outcome.kind !== 'completed') continue;
      for (const item of settlement.outbound) {
        const joins = together.get(item.queue) ?? (await this.#joins(item.queue));
        together.set(item.queue, joins);
        if (!joins) {
          append(apart, settlement, item);
          continue;
        }
        try {
          const row = addRow(item.queue, item.job, plain);
          const added = row instanceof Promise ? await row : row;
          append(adds, settlement, this.#fenced(settlement, added, token));
        } catch (error) {
          unusable.set(settlement, refusal(error));
        }
      }
    }
    if (plain && isMixed([...adds.values()].flat())) {
      return this.#splitOutbound(settlements, token, false);
    }
    return { adds, apart, unusable };
  }

  /** Added only while the job that hands it over is locked. */
  #fenced({ job }: Settlement, { script, columns }: Row, token: string): Row {
    const key = this.#backend.toKey(job.id ?? '');
    return { script, columns: [`${key}:lock`, token, key, ...columns] };
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
}

function answered(row: SettleRow, answer: number | string): Verdict | Promise<Verdict> {
  return typeof answer === 'string' ? row.refuse(new Error(answer)) : row.accept(answer);
}

function append<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}
