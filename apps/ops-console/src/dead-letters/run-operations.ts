import { setTimeout as delay } from 'node:timers/promises';
import type { Lease } from '@ms1/coordination';
import type { DeadLetter, DeadLetters } from '@ms1/queue';
import type { Task } from '@ms1/runtime';

import { type TurnsOptions, turns } from '../wiring/turns.ts';
import { type ClearOptions, clearLetters } from './clear-letters.ts';
import type { LetterOperation, LetterOperationStore } from './letter-operation-store.ts';

export interface RunOperationsOptions extends Omit<ClearOptions, 'letters'>, Partial<TurnsOptions> {
  letters: Pick<DeadLetters, 'scan' | 'retry' | 'remove'>;
  operations: Pick<LetterOperationStore, 'running' | 'get' | 'progress' | 'end'>;
  /** null while another console runs it: one fleet, one rate */
  lease: () => Promise<Lease | null>;
  onEnded?: (operation: LetterOperation) => void;
}

/** Slices a second: a tenth of the rate at a time, so that no sliding second has more than a tenth too many. */
const SLICES = 10;

/**
 * Works off replays and discards, one at a time, at the rate each was given. Whoever takes over one that
 * was interrupted begins at its beginning: what was done is no dead letter any more.
 */
export function runOperations(options: RunOperationsOptions): Task {
  const { operations, lease } = options;
  return turns({ intervalMs: 500, ...options }, async (_, signal) => {
    const ids = await operations.running();
    const held = ids.length > 0 ? await lease() : null;
    if (!held) return;
    try {
      for (const id of ids) await runOperation(options, id, held, signal);
    } finally {
      await held.release();
    }
  });
}

async function runOperation(
  options: RunOperationsOptions,
  id: string,
  lease: Lease,
  signal: AbortSignal,
): Promise<void> {
  const { letters, operations, onEnded } = options;
  const operation = await operations.get(id);
  if (!operation) {
    await operations.end(id, 'cancelled');
    return;
  }
  const { action, stage, fingerprint, key, until, perSecond } = operation;
  const sliceSize = Math.max(1, Math.floor(perSecond / SLICES));
  const sliceMs = (sliceSize * 1_000) / perSecond;
  let slice: DeadLetter[] = [];
  /** false: cancelled, or another console runs it now */
  const flush = async (): Promise<boolean> => {
    const paused = delay(sliceMs, undefined, { signal }).catch(() => undefined);
    const goesOn = await operations.progress(id, await clearLetters(options, action, slice));
    slice = [];
    // One of hours is one turn.
    options.progress?.made();
    await paused;
    return goesOn && !signal.aborted && (await lease.renew());
  };
  for await (const letter of letters.scan({ stage, fingerprint, key, until })) {
    slice.push(letter);
    if (slice.length >= sliceSize && !(await flush())) return;
  }
  if (slice.length > 0 && !(await flush())) return;
  if (!(await operations.end(id, 'done'))) return;
  const ended = await operations.get(id);
  if (ended) onEnded?.(ended);
}
