import type { IQueueBackend } from 'bullmq';

import { refusal, type Settlement, type Verdict } from './batch-driver.ts';
import type { Row } from './encode-rows.ts';
import { SETTLE_SCRIPTS, type SettleScript } from './row-scripts.ts';
import type { CapturedCommand, ScriptBackend } from './script-backend.ts';

/** A settlement on its way: its row, and what is done with the answer. */
export interface SettleRow extends Row {
  readonly script: SettleScript;
  accept(code: number): Verdict | Promise<Verdict>;
  refuse(error: Error): Verdict | Promise<Verdict>;
}

const isSettleScript = (name: string): name is SettleScript =>
  (SETTLE_SCRIPTS as readonly string[]).includes(name);

/**
 * Runs BullMQ's own method for an outcome up to the point where it would send its script, and keeps it waiting there.
 *
 * @returns the verdict at once where the method ended without sending anything
 */
export async function capturedRow(
  backend: ScriptBackend,
  { job, outcome }: Pick<Settlement, 'job' | 'outcome'>,
  token: string,
): Promise<SettleRow | Verdict> {
  const holder = job as unknown as { backend: IQueueBackend };
  const original = holder.backend;
  const { promise: sent, resolve: onSent } = Promise.withResolvers<CapturedCommand>();
  holder.backend = backend.capturing(onSent);
  const ended = moveJob({ job, outcome }, token)
    .then(
      (): Verdict => ({ ok: true }),
      (error: unknown) => refusal(error),
    )
    .finally(() => {
      holder.backend = original;
    });
  const first = await Promise.race([sent, ended]);
  if ('ok' in first) return first;
  if (!isSettleScript(first.name)) {
    return refusal(new Error(`BullMQ settles job ${job.id} by an unknown script: ${first.name}`));
  }
  return {
    script: first.name,
    columns: first.args,
    accept(code) {
      first.answer(code);
      return ended;
    },
    refuse(error) {
      first.refuse(error);
      return ended;
    },
  };
}

/** What BullMQ's public API does for an outcome. */
export async function moveJob(
  { job, outcome }: Pick<Settlement, 'job' | 'outcome'>,
  token: string,
): Promise<unknown> {
  switch (outcome.kind) {
    case 'completed':
      return job.moveToCompleted(outcome.value, token, false);
    case 'failed':
      if (outcome.delay !== undefined) job.opts.backoff = { type: 'fixed', delay: outcome.delay };
      return job.moveToFailed(outcome.error, token, false);
    case 'delayed':
      return job.moveToDelayed(Date.now() + outcome.ms, token);
    case 'nacked':
      return job.moveToWait(token);
  }
}
