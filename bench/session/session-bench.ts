import { setTimeout as delay } from 'node:timers/promises';
import { QUEUES } from '@ms1/contracts';
import { Queue } from 'bullmq';

import type { Bench, BenchOptions, BenchReport } from '../bench.ts';
import { runStages, type StagesCost } from '../ceiling/run-stages.ts';
import { type NaiveCost, runNaivePeer } from '../peers/run-naive-peer.ts';
import { usedBytes } from '../redis-usage.ts';
import { type BenchFleet, startBenchFleet } from './bench-fleet.ts';
import { type CommandCount, countCommands, totalOf } from './command-count.ts';
import { fillQueues, type QueueBytes } from './fill-queues.ts';
import { type LoadCost, runLoad } from './run-load.ts';
import { type ScriptTime, timeScripts } from './script-time.ts';
import { sessionReport } from './session-report.ts';

/** Everything that one run of the session bench measured. */
export interface SessionRuns {
  readonly messages: number;
  readonly mailboxes: number;
  readonly bytes: Omit<QueueBytes, 'payloads'> & { delivered: number };
  /** ms of latency of Graph and MS4, and what each round cost */
  readonly sessions: readonly { readonly latencyMs: number; readonly costs: LoadCost[] }[];
  readonly bullmq: StagesCost[];
  readonly batches: StagesCost[];
  readonly lists: StagesCost[];
  readonly naive: NaiveCost[];
  /** commands over the wire, of `counted` messages */
  readonly commands: CommandCount;
  /** where the time of Redis went meanwhile */
  readonly scripts: ScriptTime;
  readonly counted: number;
  /** seconds that took */
  readonly countedSeconds: number;
  /** commands a second of a fleet that has nothing to do but look */
  readonly idlePerSecond: number;
}

/**
 * Enough for Graph's 10,000 requests a mailbox in 10 minutes (docs/graph-contract.md#throttling): 20 take 10,000
 * messages a load many times over, 100,000 not even twice. Five times as many folders are looked at a fifth as often.
 */
const USUAL = { mailboxes: 20, lookEveryMs: 2_000 };
const MANY = { mailboxes: 100, lookEveryMs: 10_000 };
const LATENCIES_MS = [0, 20, 200];
/** ms that the peer's Graph and MS4 take: the middle one of the fleet's */
const PEER_LATENCY_MS = 20;
const ROUNDS = 3;
/** long ones: what they show besides is memory */
const ROUNDS_FULL = 2;
const FULL = { name: 'session-full', title: 'A session of 100,000 against its ceiling' };
/** a hundred looks at folders */
const IDLE_SECONDS = 10;
/** as `npm start`: half is announced, half is left to be found */
const ANNOUNCED = 0.5;

export const sessionBench: Bench = {
  name: 'session',
  title: 'A session against its ceiling',
  budgetSeconds: 90,
  async run(options: BenchOptions): Promise<BenchReport> {
    const { mailboxes, lookEveryMs } = options.full ? MANY : USUAL;
    const env = { POLLER_INTERVAL_MS: String(lookEveryMs) };
    await using fleet = await startBenchFleet({ mailboxes, env, say: options.say });
    const report = sessionReport(await measure(fleet, options));
    return options.full ? { ...report, section: FULL } : report;
  },
};

async function measure(
  fleet: BenchFleet,
  { quick, full, hasTime, say }: BenchOptions,
): Promise<SessionRuns> {
  const messages = quick ? 1_000 : full ? 100_000 : 10_000;
  let seed = 0;
  const load = (count: number) => ({ messages: count, seed: (seed += 1), announced: ANNOUNCED });

  say('  warming up, and what waits in Redis');
  // Twice: what a fleet allocates once (scripts, event streams, dead letters' index) is no message's.
  await fillQueues(fleet, load(1_500));
  const { payloads, ...waiting } = await fillQueues(fleet, load(2_000));
  const empty = await usedBytes(fleet.redis);
  const sessions = LATENCIES_MS.map((latencyMs) => ({ latencyMs, costs: [] as LoadCost[] }));
  const stages = {
    bullmq: [] as StagesCost[],
    batches: [] as StagesCost[],
    lists: [] as StagesCost[],
  };
  const naive: NaiveCost[] = [];
  let delivered = 0;
  const rounds = full ? ROUNDS_FULL : ROUNDS;
  for (let round = 0; round < rounds && (round === 0 || hasTime()); round += 1) {
    say(`  round ${round + 1}: ${messages} messages at ${LATENCIES_MS.join(', ')} ms`);
    const steps = [
      ...sessions.map(({ latencyMs, costs }) => async () => {
        // With a slow Graph its limit of four in flight a mailbox decides: a quarter shows the same.
        const count = latencyMs > 100 ? messages / 4 : messages;
        await fleet.latency(latencyMs);
        costs.push(await runLoad(fleet, load(count)));
        delivered += count;
      }),
      ...Object.entries(stages).map(([kind, costs]) => async () => {
        const run = () => runStages(kind as keyof typeof stages, messages, payloads);
        costs.push(await resting(fleet, run));
      }),
      async () =>
        void naive.push(
          await resting(fleet, () =>
            runNaivePeer({
              messages: messages / 5,
              mailboxes: fleet.mailboxes.length,
              latencyMs: PEER_LATENCY_MS,
            }),
          ),
        ),
    ];
    // In reverse order every other time: what else the machine does hits all alike.
    for (const step of round % 2 === 0 ? steps : steps.toReversed()) await step();
  }
  const bytes = { ...waiting, delivered: ((await usedBytes(fleet.redis)) - empty) / delivered };

  say('  commands over the wire');
  await fleet.latency(PEER_LATENCY_MS);
  const counted = Math.min(messages, 10_000);
  let countedSeconds = 0;
  const commands = await countCommands(fleet.redis, fleet.redisUrl, async () => {
    countedSeconds = (await runLoad(fleet, load(counted))).seconds;
  });
  say('  where the time of Redis goes');
  await fleet.latency(0);
  const { time: scripts } = await timeScripts(fleet.redis, () => runLoad(fleet, load(counted)));
  const idle = await countCommands(fleet.redis, fleet.redisUrl, () => delay(IDLE_SECONDS * 1_000));
  const idlePerSecond = totalOf(idle) / IDLE_SECONDS;
  return {
    messages,
    mailboxes: fleet.mailboxes.length,
    bytes,
    sessions,
    ...stages,
    naive,
    commands,
    scripts,
    counted,
    countedSeconds,
    idlePerSecond,
  };
}

/** What is measured beside the fleet has the machine to itself: nobody walks folders meanwhile. */
async function resting<T>(fleet: BenchFleet, work: () => Promise<T>): Promise<T> {
  const polling = new Queue(QUEUES.polling, { connection: fleet.redis, prefix: '{ms1}' });
  await polling.pause();
  try {
    return await work();
  } finally {
    await polling.resume();
    await polling.close();
  }
}
