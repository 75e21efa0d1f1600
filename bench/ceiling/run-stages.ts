import { type ChildProcess, fork } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startRedis } from '@ms1/testkit';
import { Redis } from 'ioredis';

import { type RedisUsage, readUsage, usageBetween } from '../redis-usage.ts';
import { processUsage } from '../session/process-usage.ts';
import type { Progress } from '../sustained-rate.ts';
import { type Payloads, PRODUCERS } from './payloads.ts';

export interface StagesCost {
  readonly messages: number;
  readonly seconds: number;
  readonly progress: Progress;
  readonly redis: RedisUsage;
  /** of all processes together, without Redis */
  readonly cpuSeconds: number;
}

const entry = fileURLToPath(new URL('./stage.ts', import.meta.url));

/** As the launcher starts its own: what a figure is compared with must be paid for alike. */
const REDIS_FLAGS = { appendonly: 'yes', appendfsync: 'everysec' };

/** Runs one pipeline, each stage a process of its own, from the first add to the last job taken. */
export async function runStages(
  kind: 'bullmq' | 'batches' | 'lists',
  messages: number,
  payloads: Payloads,
): Promise<StagesCost> {
  const folder = await mkdtemp(join(tmpdir(), 'ms1-stages-'));
  const file = join(folder, 'payloads.json');
  await writeFile(file, JSON.stringify(payloads));
  await using server = await startRedis({ flags: REDIS_FLAGS });
  const redis = new Redis(server.url);
  const roles = [...Array.from({ length: PRODUCERS }, () => 'produce'), 'hand', 'send'];
  const stages = roles.map((role, part) =>
    fork(entry, [kind, role, server.url, String(messages), file, String(part)]),
  );
  try {
    await Promise.all(stages.map((stage) => says(stage, 'ready')));
    const used = await readUsage(redis);
    const cpu = cpuSecondsOf(stages);
    const begun = performance.now();
    const progress: [number, number][] = [];
    stages.at(-1)?.on('message', (said) => {
      if (typeof said === 'number') progress.push([(performance.now() - begun) / 1_000, said]);
    });
    const done = stages.map((stage) => says(stage, 'done'));
    for (const stage of stages) stage.send('go');
    await Promise.all(done);
    const seconds = (performance.now() - begun) / 1_000;
    return {
      messages,
      seconds,
      progress,
      redis: usageBetween(used, await readUsage(redis)),
      cpuSeconds: cpuSecondsOf(stages) - cpu,
    };
  } finally {
    for (const stage of stages) stage.kill('SIGKILL');
    redis.disconnect();
    await rm(folder, { recursive: true, force: true });
  }
}

function cpuSecondsOf(stages: readonly ChildProcess[]): number {
  return stages
    .map(({ pid }) => processUsage(pid ?? 0).cpuSeconds)
    .reduce((sum, one) => sum + one, 0);
}

/** @throws when it ends before it says it */
function says(stage: ChildProcess, word: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stage.once('exit', () => reject(new Error(`a stage ended before it was ${word}`)));
    stage.on('message', (said) => {
      if (said === word) resolve();
    });
  });
}
