import { setTimeout as delay } from 'node:timers/promises';
import type { Lease } from '@ms1/coordination';
import { failpoint, type Task } from '@ms1/runtime';

import { type TurnsOptions, turns } from '../wiring/turns.ts';
import type { Later, Operation, OperationStore, Outcome, Postponed } from './operation-store.ts';
import { settle } from './settle.ts';

/** Where the messages of an operation come from, and what is done with them. */
export interface Work {
  /** What fits, in an order that nothing shifts, from after a position on. Without an item it has only looked so far. */
  scan(after: unknown): AsyncIterable<{ item?: unknown; position: unknown }>;
  /**
   * Does it to those that fit still, and says what became of each. Doing it again comes to the same.
   *
   * @param again whoever had these in hand died of it: some may be half done
   * @throws when nothing can be done to any of them now
   */
  act(
    items: readonly unknown[],
    how: { again: boolean; signal: AbortSignal },
  ): Promise<(Outcome | Later)[]>;
}

export interface RunOperationsOptions extends Partial<TurnsOptions> {
  operations: Pick<OperationStore, 'running' | 'get' | 'take' | 'progress' | 'postponed' | 'end'>;
  /** null: this console can not do it */
  workOf: (operation: Operation) => Work | null;
  /** null while another console runs them: one fleet, one rate */
  lease: () => Promise<Lease | null>;
  onEnded?: (operation: Operation) => void;
}

/** Slices a second: a tenth of the rate at a time, so that no sliding second has more than a tenth too many. */
const SLICES = 10;
/** ms between looks for what was asked for meanwhile, or cancelled */
const LOOK_MS = 500;

/**
 * Works off what was asked for, each at the rate it was given, beside each other: what takes hours keeps nothing else
 * waiting. Whoever takes over what was interrupted does again what was in hand, and goes on behind it.
 */
export function runOperations(options: RunOperationsOptions): Task {
  const { operations, lease, intervalMs = LOOK_MS } = options;
  return turns({ ...options, intervalMs }, async (_, signal) => {
    if ((await operations.running()).length === 0) return;
    const held = await lease();
    if (!held) return;
    const failed = new AbortController();
    const stopping = AbortSignal.any([signal, failed.signal]);
    const under = new Map<string, Promise<void>>();
    try {
      while (!stopping.aborted) {
        for (const id of await operations.running()) {
          if (under.has(id)) continue;
          const run = runOperation(options, id, held, stopping);
          // One that failed stays, so that the race tells of it.
          under.set(
            id,
            run.then(() => void under.delete(id)),
          );
        }
        if (under.size === 0) return;
        await Promise.race([...under.values(), pause(intervalMs, stopping)]);
        // It may be gone with whoever was frozen: then another console runs them.
        if (!(await held.renew())) return;
      }
    } finally {
      failed.abort();
      await Promise.allSettled(under.values());
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
  const { operations, workOf, onEnded } = options;
  const operation = await operations.get(id);
  const work = operation && workOf(operation);
  if (!work) {
    await operations.end(id, 'cancelled');
    return;
  }
  const { perSecond } = operation;
  const sliceSize = Math.max(1, Math.floor(perSecond / SLICES));
  const sliceMs = (sliceSize * 1_000) / perSecond;
  /** false: cancelled, or another console runs it now */
  const act = async (
    items: readonly unknown[],
    { again = false, tried = [] }: { again?: boolean; tried?: readonly Postponed[] } = {},
  ): Promise<boolean> => {
    const paused = pause(sliceMs, signal);
    const came = await work.act(items, { again, signal });
    await failpoint('ops-console:after-act');
    const { outcomes, postponed } = settle(items, came, tried, waiting);
    waiting += postponed.length - tried.length;
    const goesOn = await operations.progress(id, outcomes, { tried, postponed });
    // One of hours is one turn.
    options.progress?.made();
    await paused;
    return goesOn && !signal.aborted && (await lease.renew());
  };
  const { inHand, position: before } = operation;
  let waiting = operation.later;
  if (inHand.length > 0 && !(await act(inHand, { again: true }))) return;
  let slice: unknown[] = [];
  let position = before;
  for await (const step of work.scan(before)) {
    position = step.position;
    if (step.item !== undefined) slice.push(step.item);
    if (step.item !== undefined && slice.length < sliceSize) continue;
    if (slice.length === 0) {
      await operations.take(id, [], position);
      options.progress?.made();
      if (signal.aborted || !(await lease.renew())) return;
    } else if (slice.length >= sliceSize) {
      await operations.take(id, slice, position);
      if (!(await act(slice))) return;
      slice = [];
    }
  }
  if (slice.length > 0) {
    await operations.take(id, slice, position);
    if (!(await act(slice))) return;
  }
  // What waits for its mailbox, until there is none: each is tried a few times only.
  while (true) {
    const next = await operations.postponed(id, sliceSize);
    const [first] = next;
    if (!first) break;
    const tried = next.filter(({ waitMs }) => waitMs <= 0);
    if (tried.length > 0) {
      const items = tried.map(({ item }) => item);
      if (!(await act(items, { again: true, tried }))) return;
      continue;
    }
    await pause(Math.min(first.waitMs, LOOK_MS), signal);
    options.progress?.made();
    const goesOn = await operations.progress(id, []);
    if (!goesOn || signal.aborted || !(await lease.renew())) return;
  }
  if (!(await operations.end(id, 'done'))) return;
  const ended = await operations.get(id);
  if (ended) onEnded?.(ended);
}

function pause(ms: number, signal: AbortSignal): Promise<unknown> {
  return delay(ms, undefined, { signal }).catch(() => undefined);
}
