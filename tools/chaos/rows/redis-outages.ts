import { setTimeout as delay } from 'node:timers/promises';
import { isGone } from '@ms1/testkit';

import type { ChaosRow } from '../chaos-row.ts';
import { seconds } from './process-waiting.ts';
import { allUnready, NO_REDIS, readyAgain } from './readiness.ts';
import { rewriteFile } from './rewrite-file.ts';
import { underLoad } from './under-load.ts';

/** Connections are tried again every 2 s, and who works goes on at once (R1: within 5 s). */
const BACK_MS = 5_000;
/** What was in hand for longer than its lock is run again; everything else goes on at once. */
const THAW_MS = 15_000;
/** Shorter than this, a process need not say that it cannot work. */
const TOLD_MS = 15_000;

/** On the disk before the kill: who finds it afterwards has a Redis that came back, not an empty one. */
const MARK = 'chaos:before-the-kill';

/** Killed, as the kernel kills. What the disk was too slow for is gone with it; that is for the audit to judge. */
const outage = (id: string, downMs: number): ChaosRow => ({
  id,
  about: `Redis killed and gone for ${downMs / 1_000} s, the fleet busy`,
  recoveryMs: BACK_MS,
  async inject(fleet, _dice, signal) {
    const { redis, processes } = fleet;
    await redis.admin.set(MARK, '1');
    await rewriteFile(redis.admin, signal);
    await underLoad(fleet, signal);
    const { pid } = redis;
    const keys = await redis.admin.dbsize();
    const began = performance.now();
    let told = '';
    await redis.kill();
    try {
      if (!isGone(pid)) throw new Error(`redis-server ${pid} is still there`);
      if (downMs >= TOLD_MS) told = `; ${await allUnready(processes, NO_REDIS, signal)}`;
      await delay(Math.max(0, downMs - (performance.now() - began)), undefined, { signal });
    } finally {
      await redis.start();
    }
    const downFor = seconds(performance.now() - began);
    const kept = await redis.admin.dbsize();
    if ((await redis.admin.del(MARK)) < 1) throw new Error('Redis came back empty');
    return `killed Redis (pid ${pid}), back after ${downFor}; ${keys} keys became ${kept}${told}`;
  },
  after: readyAgain,
});

const hang = (id: string, stoppedMs: number): ChaosRow => ({
  id,
  about: `Redis stopped for ${stoppedMs / 1_000} s (SIGSTOP)`,
  recoveryMs: THAW_MS,
  async inject(fleet, _dice, signal) {
    const { redis, processes } = fleet;
    await underLoad(fleet, signal);
    const { pid } = redis;
    const began = performance.now();
    let told = '';
    redis.signal('SIGSTOP');
    try {
      if (stoppedMs >= TOLD_MS) told = `; ${await allUnready(processes, NO_REDIS, signal)}`;
      await delay(Math.max(0, stoppedMs - (performance.now() - began)), undefined, { signal });
    } finally {
      redis.signal('SIGCONT');
    }
    return `stopped Redis (pid ${pid}) for ${seconds(performance.now() - began)}${told}`;
  },
  after: readyAgain,
});

/**
 * The fleet is busy here; for one that is idle: packages/queue/test/half-open.long.ts. Control of R5: who has no time limit
 * waits for the thaw (packages/redis/test/connect-redis.long.ts).
 */
export const REDIS_OUTAGES: readonly ChaosRow[] = [
  outage('R1', 3_000),
  outage('R1a', 15_000),
  outage('R1b', 30_000),
  outage('R1c', 60_000),
  hang('R5', 5_000),
  hang('R5a', 20_000),
  hang('R5b', 40_000),
];
