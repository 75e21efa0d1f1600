import type { Job, JobJson } from 'bullmq';

import {
  type FetchPlan,
  type FetchResult,
  NOTHING_FETCHED,
  refusal,
  type Settlement,
  type SettleResult,
} from './batch-driver.ts';
import type { DriverContext } from './driver-context.ts';
import { readJob } from './read-job.ts';
import type { ScriptBackend } from './script-backend.ts';
import type { ScriptClient } from './script-client.ts';
import type { ScriptSource } from './script-source.ts';
import { SINGLE_KEYS } from './single-lua.ts';
import { whileRefused } from './while-refused.ts';

type RawSingle = number | [hash: string[] | 0, id: string | 0, limit: number, delayedUntil: number];

/** Batches of one, as cheap as BullMQ's own Worker: see `single-lua.ts`. */
export class SingleRun {
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

  /** Only the plain case: one job, completed, and nothing that must be checked before the next is fetched. */
  applies(settlements: readonly Settlement[]): boolean {
    const { settings, hasTelemetry } = this.#context;
    const [only] = settlements;
    return (
      settlements.length === 1 &&
      settings.size === 1 &&
      settings.requestLimiter.max === 0 &&
      !hasTelemetry &&
      only?.outcome.kind === 'completed' &&
      only.outbound.length === 0
    );
  }

  async settle(
    { token, slot }: Pick<FetchPlan, 'token' | 'slot'>,
    { job, outcome }: Settlement,
    next: FetchPlan | null,
  ): Promise<SettleResult> {
    const value = outcome.kind === 'completed' ? outcome.value : undefined;
    let values: unknown[];
    try {
      values = this.#values(job, value, token, slot, next);
    } catch (error) {
      return { verdicts: [refusal(error)], next: null };
    }
    const command = this.#source.singleCommand();
    const send = (): Promise<unknown> => this.#client.runCommand(command, values);
    const answer = (await whileRefused(send, this.#context.lockDuration / 2)) as RawSingle;
    if (typeof answer === 'number' && answer < 0) {
      const error = this.#backend.finishedErrors({
        code: answer,
        jobId: job.id ?? '',
        command: 'moveToFinished',
        state: 'active',
      });
      return { verdicts: [refusal(error)], next: null };
    }
    job.returnvalue = value;
    job.finishedOn = values[SINGLE_KEYS + 1] as number;
    job.attemptsMade += 1;
    return {
      verdicts: [{ ok: true }],
      next: next ? await this.#fetched(answer, token, next.alone) : null,
    };
  }

  /** @throws what JSON.stringify throws */
  #values(
    job: Job,
    value: unknown,
    token: string,
    slot: number,
    next: FetchPlan | null,
  ): unknown[] {
    const keep = job.opts.removeOnComplete as boolean;
    const json = JSON.stringify(value) as unknown as object;
    const theirs = this.#backend.moveToCompletedArgs(job, json, keep, token, next !== null);
    this.#calls += 1;
    const last = theirs.length - 1;
    theirs[last] ??= '';
    theirs.push(`${slot}:${this.#calls}`);
    return theirs;
  }

  /** moveToFinished locks what it fetches under the token of what it finished. */
  async #fetched(answer: RawSingle, token: string, alone: boolean): Promise<FetchResult> {
    if (typeof answer === 'number') return NOTHING_FETCHED;
    const [hash, id, limitMs, delayedUntil] = answer;
    if (!hash || !id) {
      const wakeMs = delayedUntil > 0 ? Math.max(delayedUntil - Date.now(), 0) : null;
      return { ...NOTHING_FETCHED, limitMs, wakeMs };
    }
    const job = readJob(hash, id);
    if (!alone && this.#isLastChance(job.json)) {
      await this.#putBack(id, token);
      return { ...NOTHING_FETCHED, blocked: true };
    }
    return { ...NOTHING_FETCHED, jobs: [job], token };
  }

  #isLastChance({ stalledCounter, deferredFailure }: JobJson): boolean {
    const { settings, maxStalledCount } = this.#context;
    return (
      settings.isolateStalled &&
      stalledCounter > 0 &&
      stalledCounter >= maxStalledCount &&
      !deferredFailure
    );
  }

  async #putBack(id: string, token: string): Promise<void> {
    let sent: Promise<unknown> = Promise.resolve();
    const twin = this.#backend.capturing(({ args, answer, refuse }) => {
      sent = this.#client.runCommand(this.#source.putBackCommand(), [...args]);
      sent.then(answer, refuse);
    });
    await twin.moveJobFromActiveToWait(id, token);
    await sent;
  }
}
