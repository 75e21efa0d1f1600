import { setTimeout as delay } from 'node:timers/promises';
import { percentile, type Sent } from '@ms1/testkit';

import type { Bench, BenchOptions, BenchReport } from '../bench.ts';
import { median, short } from '../statistics.ts';
import { type Load, startWebhookUnderLoad } from './webhook-under-load.ts';

const RATES = [100, 500, 2_000];
const ROUNDS_MAX = 5;
/** s; 100/s for 10 s are 1,000 answers, so that p99.9 is one of them and not made up */
const SECONDS = 10;
const FREEZE_MS = 4_000;
/** ms; Graph leaves 3 s (docs/graph-contract.md#answer-times), and this is what is promised */
const PROMISE_MS = 2_500;

export const webhookBench: Bench = {
  name: 'webhook',
  title: 'Time until a notification is answered',
  // Two rounds of 40 s, and 10 s with a Redis that stands still.
  budgetSeconds: 60,
  async run({ quick, hasTime, say }: BenchOptions): Promise<BenchReport> {
    await using webhook = await startWebhookUnderLoad();
    const seconds = quick ? 1 : SECONDS;
    const loads = new Map<number, Load[]>(RATES.map((rate) => [rate, []]));
    const bare: (readonly Sent[])[] = [];
    await webhook.bare(100, 1);
    await webhook.load(500, quick ? 1 : 5);
    for (
      let round = 0;
      round < (quick ? 1 : ROUNDS_MAX) && (round === 0 || hasTime());
      round += 1
    ) {
      bare.push(await webhook.bare(100, seconds));
      // In reverse order every other time: what else the machine does hits all alike.
      for (const rate of round % 2 === 0 ? RATES : RATES.toReversed()) {
        say(`  ${rate}/s`);
        loads.get(rate)?.push(await webhook.load(rate, seconds));
      }
    }
    say('  100/s while Redis stands still');
    const frozen = webhook.load(100, quick ? 6 : 10);
    await delay(1_000);
    webhook.server.process.kill('SIGSTOP');
    await delay(FREEZE_MS);
    webhook.server.process.kill('SIGCONT');
    return report(loads, bare, await frozen);
  },
};

function report(
  loads: Map<number, Load[]>,
  bare: readonly (readonly Sent[])[],
  frozen: Load,
): BenchReport {
  const p99 = (rate: number): number =>
    median((loads.get(rate) ?? []).map((load) => percentile(times(load.sent), 0.99)));
  const late = frozen.sent.filter(({ ms }) => ms >= PROMISE_MS).length;
  return {
    notes: [
      `One ingest-api process and a private Redis, POSTs of one notification each, sent at fixed times whatever the answers do (open loop) and timed from when they were due, so that what a stall delays is counted. ${loads.get(100)?.length} interleaved rounds of ${SECONDS} s; min / median / max of the rounds. The generator runs on the same machine; what that machine does to answers by itself is in the first row.`,
      `Of an answer 10 ms are the time in which POSTs are gathered into one round of Redis commands.`,
    ],
    tables: [
      {
        title: 'Answers, ms',
        columns: ['POSTs/s', 'p50', 'p99', 'p99.9', 'max', 'other than 202'],
        rows: [
          ['100, to a server that does nothing', bare] as const,
          ...[...loads].map(([rate, all]) => [rate, all.map(({ sent }) => sent)] as const),
        ].map(([what, all]) => [
          what,
          ...[0.5, 0.99, 0.999, 1].map((share) =>
            spread(all.map((sent) => percentile(times(sent), share))),
          ),
          all.flat().filter(({ status }) => status !== 202).length,
        ]),
      },
      {
        title: 'What a POST costs',
        columns: ['POSTs/s', 'Redis commands', 'Redis us', 'ingest-api us'],
        rows: [...loads].map(([rate, all]) => [
          rate,
          ...(['redisCommands', 'redisUs', 'ingestUs'] as const).map((field) =>
            short(median(all.map((load) => load[field]))),
          ),
        ]),
      },
      {
        title: `100 POSTs/s, Redis stands still for ${FREEZE_MS / 1_000} s`,
        columns: ['answer', 'how many', 'slowest, ms'],
        rows: [202, 503, 0]
          .map((status) => frozen.sent.filter((sent) => sent.status === status))
          .filter((group) => group.length > 0)
          .map((group) => [
            group[0]?.status || 'none',
            group.length,
            Math.round(Math.max(...group.map(({ ms }) => ms))),
          ]),
      },
    ],
    checks: [
      { what: '100/s: p99, ms', value: short(p99(100)), bound: { max: 50 } },
      {
        what: `share of answers after ${PROMISE_MS} ms or never while Redis stands still`,
        value: late / frozen.sent.length,
        bound: { max: 0 },
      },
    ],
    raw: { loads: Object.fromEntries(loads), bare, frozen },
  };
}

function times(sent: readonly Sent[]): number[] {
  return sent.map(({ ms }) => ms).toSorted((a, b) => a - b);
}

function spread(values: readonly number[]): string {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return `${short(low)} / ${short(median(values))} / ${short(high)}`;
}
