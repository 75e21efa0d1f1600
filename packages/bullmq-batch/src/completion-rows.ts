import type { Job } from 'bullmq';

import { refusal } from './batch-driver.ts';
import type { ScriptBackend } from './script-backend.ts';
import type { SettleRow } from './settle-rows.ts';

/** moveToFinished's columns that are one job's own: its key, its id, when it finished and its result */
const [KEY, ID, FINISHED_ON, RESULT] = [11, 14, 15, 17];

/**
 * `job.moveToCompleted()` without its span and its promises a job: the same arguments from the same builder for the
 * same script. Only for workers without telemetry.
 *
 * Jobs with the same options under one token differ in four columns: the builder is asked once for all of them (it packs
 * the options each time, 3 us a job).
 */
export class CompletionRows {
  readonly #backend: ScriptBackend;
  readonly #prefix: string;
  #token = '';
  readonly #templates = new Map<string, readonly unknown[]>();

  constructor(backend: ScriptBackend) {
    this.#backend = backend;
    this.#prefix = backend.toKey('');
  }

  /** @throws what JSON.stringify throws */
  row(job: Job, value: unknown, token: string): SettleRow {
    const columns = this.#columns(job, JSON.stringify(value), token);
    const backend = this.#backend;
    return {
      script: 'moveToFinished',
      columns,
      bare: !(job.parentKey ?? job.deduplicationId),
      accept(code) {
        if (code < 0) return refusal(completionError(backend, job, code));
        job.returnvalue = value;
        job.finishedOn = columns[FINISHED_ON] as number;
        job.attemptsMade += 1;
        return { ok: true };
      },
      refuse: refusal,
    };
  }

  #columns(job: Job, json: string | undefined, token: string): unknown[] {
    if (token !== this.#token) {
      this.#token = token;
      this.#templates.clear();
    }
    const { removeOnComplete: keep, attempts, ...flags } = job.opts;
    const same = `${attempts} ${typeof keep === 'object' ? JSON.stringify(keep) : String(keep)}`;
    const template = this.#templates.get(same);
    if (!template || isChild(flags)) {
      const columns = this.#backend.moveToCompletedArgs(job, json, keep as boolean, token, false);
      if (!isChild(flags)) this.#templates.set(same, columns);
      return columns;
    }
    const columns = [...template];
    columns[KEY] = this.#prefix + job.id;
    columns[ID] = job.id;
    columns[FINISHED_ON] = Date.now();
    // JSON.stringify() says nothing of a value without JSON
    columns[RESULT] = json ?? 'null';
    return columns;
  }
}

/** What becomes of its parent is part of the options that are sent along. */
function isChild(options: Job['opts']): boolean {
  return [
    options.failParentOnFailure,
    options.continueParentOnFailure,
    options.ignoreDependencyOnFailure,
    options.removeDependencyOnFailure,
  ].some(Boolean);
}

function completionError(backend: ScriptBackend, job: Job, code: number): Error {
  return backend.finishedErrors({
    code,
    jobId: job.id ?? '',
    command: 'moveToFinished',
    state: 'active',
  });
}
