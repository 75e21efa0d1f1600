import { setTimeout as delay } from 'node:timers/promises';

import { type RedisUsage, readUsage, usageBetween } from '../redis-usage.ts';
import type { Progress } from '../sustained-rate.ts';
import type { BenchFleet } from './bench-fleet.ts';
import { processUsage } from './process-usage.ts';

export interface Load {
  readonly messages: number;
  readonly seed: number;
  /** share that is announced by a notification */
  readonly announced: number;
  /** the first of them; default: all */
  readonly mailboxes?: number;
  /** default: faster than any fleet */
  readonly perSecond?: number;
}

interface MemorySample {
  readonly seconds: number;
  /** messages that were stored by then, all loads together */
  readonly stored: number;
  /** resident bytes by process */
  readonly rss: Readonly<Record<string, number>>;
}

/** What one load cost, from the first message in a mailbox to the last that MS4 stored. */
export interface LoadCost {
  readonly messages: number;
  readonly seconds: number;
  readonly progress: Progress;
  readonly redis: RedisUsage;
  /** seconds of CPU by process */
  readonly cpuSeconds: Readonly<Record<string, number>>;
  readonly memory: readonly MemorySample[];
  readonly graph: { readonly httpRequests: number; readonly quotaUnits: number };
  readonly ms4Requests: number;
}

/** Above what any fleet takes: the load waits for the fleet, not the other way round. */
const PER_SECOND = 20_000;
const LOOK_MS = 50;
const SAMPLE_MS = 500;
const STUCK_MS = 120_000;

/** Puts a load into the mailboxes and waits until MS4 has stored it. */
export async function runLoad(fleet: BenchFleet, load: Load): Promise<LoadCost> {
  const { simulator, redis } = fleet;
  const before = await simulator.status();
  const { processes } = fleet;
  const cpuBefore = processes.map(({ pid }) => processUsage(pid).cpuSeconds);
  const memory: MemorySample[] = [];
  const progress: [number, number][] = [];
  const used = await readUsage(redis);
  const begun = performance.now();
  const mailboxes = fleet.mailboxes.length;
  await simulator.inject({ mailboxes, perSecond: PER_SECOND, ...load });
  let last = before;
  let movedAt = begun;
  let sampledAt = Number.NEGATIVE_INFINITY;
  while (last.stored < before.stored + load.messages) {
    await delay(LOOK_MS);
    const now = performance.now();
    const status = await simulator.status();
    if (status.stored > last.stored) {
      movedAt = now;
      progress.push([(now - begun) / 1_000, status.stored - before.stored]);
    }
    if (now - movedAt > STUCK_MS) {
      throw new Error(`stuck at ${status.stored - before.stored} of ${load.messages} messages`);
    }
    last = status;
    if (now - sampledAt < SAMPLE_MS) continue;
    sampledAt = now;
    const rss = Object.fromEntries(
      processes.map(({ name, pid }) => [name, processUsage(pid).rssBytes]),
    );
    memory.push({ seconds: (now - begun) / 1_000, stored: status.stored, rss });
  }
  return {
    messages: load.messages,
    seconds: (movedAt - begun) / 1_000,
    progress,
    redis: usageBetween(used, await readUsage(redis)),
    cpuSeconds: Object.fromEntries(
      processes.map(({ name, pid }, i) => [
        name,
        processUsage(pid).cpuSeconds - (cpuBefore[i] ?? 0),
      ]),
    ),
    memory,
    graph: {
      httpRequests: last.graph.httpRequests - before.graph.httpRequests,
      quotaUnits: last.graph.quotaUnits - before.graph.quotaUnits,
    },
    ms4Requests: last.ms4.requests - before.ms4.requests,
  };
}
