import { setTimeout as delay } from 'node:timers/promises';

import type { ChaosFleet, ChaosProcess } from '../chaos-fleet.ts';
import type { ChaosRow } from '../chaos-row.ts';
import { type Checkout, checkOut, previousRelease } from './previous-release.ts';
import { RESTART_MS, seconds, within } from './process-waiting.ts';

/** What an orchestrator gives a process to end in. */
const STOP_MS = 25_000;
/** The two releases work beside each other for so long, at each step. */
const BESIDE_MS = 20_000;

/** @throws when it does not end well and in time, or its successor is not ready */
async function replaced(app: ChaosProcess, signal: AbortSignal): Promise<number> {
  const began = performance.now();
  const { restarts } = app;
  const code = await app.restart();
  const tookMs = performance.now() - began;
  if (code !== 0 || tookMs > STOP_MS) {
    throw new Error(`${app.name} ended with ${code} after ${seconds(tookMs)}`);
  }
  await within(20_000, `${app.name} is started`, () => app.restarts > restarts, signal);
  await within(60_000, `${app.name} is ready`, () => isReady(app), signal);
  return tookMs;
}

async function isReady({ health }: ChaosProcess): Promise<boolean> {
  try {
    return (await fetch(`${health}/readyz`, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    return false;
  }
}

const first = ({ name }: ChaosProcess): boolean => name.endsWith('-1');

/** One after another, as a rolling update does it. */
async function rolled(
  apps: readonly ChaosProcess[],
  signal: AbortSignal,
): Promise<{ count: number; slowestMs: number }> {
  let slowestMs = 0;
  for (const app of apps) slowestMs = Math.max(slowestMs, await replaced(app, signal));
  return { count: apps.length, slowestMs };
}

const rolling: ChaosRow = {
  id: 'D1',
  about: 'rolling restart of every process under load',
  recoveryMs: RESTART_MS,
  async inject({ processes }, dice, signal) {
    const { count, slowestMs } = await rolled(dice.shuffle(processes), signal);
    return `restarted ${count} processes one by one; the slowest ended in ${seconds(slowestMs)}`;
  },
};

/** An old pod knows nothing of the mailbox that the new ones were given, and restarts in the middle of the rollout. */
const oldPod: ChaosRow = {
  id: 'D6',
  about: 'old pods restart, whose environment lacks a mailbox that the new ones have',
  recoveryMs: RESTART_MS,
  async inject(fleet, dice, signal) {
    const all = fleet.mailboxes.join(',');
    const old = [...fleet.of('poller'), ...fleet.of('ops-console')].filter(first);
    const missing = dice.pick(fleet.mailboxes);
    const without = fleet.mailboxes.filter((id) => id !== missing).join(',');
    for (const app of old) app.environment({ MAILBOXES: without });
    try {
      await rolled(old, signal);
      // Mail of that mailbox comes all the time.
      await delay(BESIDE_MS, undefined, { signal });
      await rolled(old, signal);
    } finally {
      for (const app of old) app.environment({ MAILBOXES: all });
    }
    await rolled(old, signal);
    return `restarted ${old.map(({ name }) => name).join(' and ')} twice without a mailbox`;
  },
};

/** Half of the fleet, then all of it, goes back to the previous release, and forward again. */
const sideBySide = ({ commit }: { commit: string }): ChaosRow => ({
  id: 'D2',
  about: 'the previous release beside this one, back to it and forward again',
  recoveryMs: RESTART_MS,
  expects: { otherRelease: true },
  async inject(fleet, _, signal) {
    await using checkout = await checkOut(commit);
    const { processes } = fleet;
    const [some, others] = [processes.filter(first), processes.filter((app) => !first(app))];
    try {
      await step(fleet, some, checkout, signal);
      // One of the old in the middle of it.
      await rolled(some.slice(0, 2), signal);
      await step(fleet, others, checkout, signal);
      await step(fleet, some, null, signal);
    } finally {
      for (const app of processes) app.release(null);
    }
    await rolled(others, signal);
    return `all ${processes.length} processes went back to ${commit.slice(0, 7)} in two steps, and forward`;
  },
});

async function step(
  fleet: ChaosFleet,
  apps: readonly ChaosProcess[],
  release: Checkout | null,
  signal: AbortSignal,
): Promise<void> {
  for (const app of apps) app.release(release?.root ?? null);
  await rolled(apps, signal);
  await delay(BESIDE_MS, undefined, { signal });
  await delivers(fleet, signal);
}

/** The mail of the run may be all there: some more, of which half is announced. */
async function delivers(fleet: ChaosFleet, signal: AbortSignal): Promise<void> {
  const before = fleet.stored();
  const wanted = fleet.mailboxes.flatMap((id) => [true, false].map((announced) => [id, announced]));
  for (const [id, announced] of wanted) {
    await fleet.control(`mailboxes/${String(id)}/messages`, { op: 'inject', announced });
  }
  const arrives = (): boolean => fleet.stored() >= before + wanted.length;
  await within(90_000, `${wanted.length} more messages are at MS4`, arrives, signal);
}

const previous = previousRelease();

/** D2 only where there is a previous release to be had: see {@link previousRelease}. */
export const DEPLOYS: readonly ChaosRow[] = [
  rolling,
  ...(typeof previous === 'string' ? [] : [sideBySide(previous)]),
  oldPod,
];
