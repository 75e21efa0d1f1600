import { Packr } from 'msgpackr';

import type { FetchPlan, FetchResult } from './batch-driver.ts';
import { FENCE_COLUMNS } from './batch-lua.ts';
import type { DriverContext } from './driver-context.ts';
import { encodeRows, type Row } from './encode-rows.ts';
import { gateKey } from './gate-lua.ts';
import { readJob } from './read-job.ts';
import { isAdd, ROW_SCRIPTS } from './row-scripts.ts';
import type { ScriptBackend } from './script-backend.ts';
import type { ScriptClient } from './script-client.ts';
import type { ScriptSource } from './script-source.ts';
import { whileRefused } from './while-refused.ts';

/** as BullMQ packs what its scripts unpack */
const packr = new Packr({ useRecords: false, encodeUndefinedAsNil: true });

type RawJob = [hash: string[], id: string, unreadable?: string];
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

/** Sends the runs of `batch-lua.ts` and reads their answers. */
export class ScriptRun {
  readonly #backend: ScriptBackend;
  readonly #client: ScriptClient;
  readonly #source: ScriptSource;
  readonly #context: DriverContext;
  #calls = 0;

  constructor(
    backend: ScriptBackend,
    client: ScriptClient,
    source: ScriptSource,
    context: DriverContext,
  ) {
    this.#backend = backend;
    this.#client = client;
    this.#source = source;
    this.#context = context;
  }

  /** `order`: the rows in the order of `out` */
  async run<T extends Row>(
    slot: number,
    rows: readonly T[],
    plan: FetchPlan | null,
  ): Promise<{ out: (number | string)[]; order: T[]; next: FetchResult }> {
    const { groups, args, order } = encodeRows(
      rows,
      (script) => this.#source.keysOf(script),
      FENCE_COLUMNS,
    );
    const used = ROW_SCRIPTS.filter((_, i) => groups.some(([place]) => place === i + 1));
    this.#calls += 1;
    const { lean } = this.#context.settings;
    const command = this.#source.command(used, plan !== null);
    const values = [
      ...this.#keys(slot),
      this.#backend.toKey(''),
      Date.now(),
      plan ? this.#activeOptions(plan.token) : '',
      packr.pack([
        String(this.#calls),
        groups,
        plan ? this.#fetchPlan(plan) : null,
        lean,
        lean && rows.every((row) => isAdd(row.script) || row.bare === true),
      ]),
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
    return [...theirs, gateKey(limiter), sent];
  }

  #activeOptions(token: string): Buffer {
    const { lockDuration, limiter, workerName } = this.#context;
    return packr.pack({ token, lockDuration, limiter, name: workerName });
  }

  #fetchPlan({ token, alone, first }: FetchPlan): Record<string, unknown> {
    const { settings, maxStalledCount } = this.#context;
    return {
      token,
      alone,
      first,
      max: settings.size,
      min: settings.minSize,
      timeout: settings.timeout,
      idle: settings.idle,
      maxStalled: settings.isolateStalled ? maxStalledCount : -1,
    };
  }
}

function toFetchResult([, jobs, limitMs, delayedUntil, gateMs, flags]: RawAnswer): FetchResult {
  const dueMs = delayedUntil > 0 ? Math.max(delayedUntil - Date.now(), 0) : Infinity;
  const wakeMs = Math.min(dueMs, gateMs >= 0 ? gateMs : Infinity);
  return {
    jobs: jobs.map(([hash, id, unreadable]) => readJob(hash, id, unreadable)),
    limitMs,
    wakeMs: wakeMs === Infinity ? null : wakeMs,
    held: (flags & HELD) !== 0,
    blocked: (flags & BLOCKED) !== 0,
  };
}
