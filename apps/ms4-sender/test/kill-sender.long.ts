import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

import { expect, test } from '@jest/globals';
import { until } from '@ms1/testkit';

import { startFleet } from './start-fleet.ts';

type Fleet = Awaited<ReturnType<typeof startFleet>>;

/** Senders that live at the same time; each is killed and followed by the next. */
const LANES = 4;
/** Records that wait at least, so that a kill always hits work. */
const BACKLOG = 600;

/** Jobs of a dead sender run again after 2 to 4 s instead of 30 to 50. */
const FAST = {
  MS4_SENDER_BATCH_SIZE: '10',
  MS4_SENDER_BATCH_SIZE_PINNED: 'true',
  MS4_SENDER_LOCK_MS: '2000',
  MS4_REQUESTS_PER_SECOND_MAX: '1000',
  MS4_REQUESTS_PER_MINUTE_MAX: '60000',
  SHUTDOWN_TIMEOUT_MS: '5000',
};

/** The same kills in every run: a small linear congruential generator. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
}

/** Adds work until `isOver`, and answers with the keys of all of it. */
async function keepBusy(fleet: Fleet, isOver: () => boolean): Promise<string[]> {
  const keys: string[] = [];
  while (!isOver()) {
    const waiting = await fleet.queue.getWaitingCount();
    if (waiting < BACKLOG) keys.push(...(await fleet.add(keys.length, keys.length + BACKLOG)));
    await wait(50);
  }
  return keys;
}

/** Kills senders at any point of their work, some before they have begun. Answers when all work has ended. */
async function killSenders(fleet: Fleet, kills: number): Promise<string[]> {
  // Compiled once and not for every start; written by a process that ends by itself.
  const cache = mkdtempSync(join(tmpdir(), 'ms1-compile-'));
  const env = { ...FAST, NODE_COMPILE_CACHE: cache };
  const began = performance.now();
  await (await fleet.startSender(env)).stop();
  // A life of what a start takes, on whatever machine: a record that is killed with all of ten is taken for a poison.
  const lifeMs = Math.max(performance.now() - began, 350);
  let left = kills;
  let living = LANES;
  const lane = async (seed: number): Promise<void> => {
    const random = randomOf(seed);
    while (left > 0) {
      left -= 1;
      const sender = await fleet.startSender(env);
      await wait(random() * lifeMs);
      await sender.stop('SIGKILL');
    }
    living -= 1;
  };
  const lanes = Promise.all(Array.from({ length: LANES }, (_, n) => lane(n + 1)));
  const keys = await keepBusy(fleet, () => living === 0);
  await lanes;
  await Promise.all([fleet.startSender(env), fleet.startSender(env)]);
  await fleet.delivered(keys);
  await until(async () => (await fleet.queue.getJobCountByTypes()) === 0, { what: 'no job left' });
  rmSync(cache, { recursive: true, force: true });
  return keys;
}

test('senders killed 100 times at random points: every record has exactly one effect, every job ends', async () => {
  await using fleet = await startFleet({ SIMULATOR_MS4_LATENCY_MS: '50' });
  const keys = await killSenders(fleet, 100);
  const { stored, duplicates, replayed } = await fleet.ms4();
  expect(stored).toBe(keys.length);
  // Records were sent twice, or the kills hit nothing and this test shows nothing.
  expect(duplicates + replayed).toBeGreaterThan(50);
}, 900_000);

test('control: where MS4 does not know a record again, the same kills double some', async () => {
  await using fleet = await startFleet({ SIMULATOR_MS4_LATENCY_MS: '50' });
  await fleet.fault('ms4-forgets');
  const keys = await killSenders(fleet, 20);
  expect((await fleet.ms4()).stored).toBeGreaterThan(keys.length);
});
