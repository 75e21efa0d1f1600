import { randomBytes } from 'node:crypto';

import type { Bench, BenchOptions, BenchReport } from '../bench.ts';
import { startBenchFleet } from '../session/bench-fleet.ts';
import { fillQueues } from '../session/fill-queues.ts';
import { type LoadCost, runLoad } from '../session/run-load.ts';
import { median, short, spread } from '../statistics.ts';
import { sustainedRate } from '../sustained-rate.ts';
import { timeSealing } from './time-sealing.ts';
import { weighJobs } from './weigh-jobs.ts';

const MAILBOXES = 20;
const ROUNDS = 5;
const PAYLOADS = 20_000;

/** Two fleets that differ in nothing but PAYLOAD_KEY, one after the other in every round. */
export const sealingBench: Bench = {
  name: 'sealing',
  title: 'What it costs to encrypt job data at rest (PAYLOAD_KEY)',
  budgetSeconds: 0,
  async run({ quick, say }: BenchOptions): Promise<BenchReport> {
    const messages = quick ? 1_000 : 10_000;
    const PAYLOAD_KEY = `bench:${randomBytes(32).toString('base64')}`;
    await using plain = await startBenchFleet({ mailboxes: MAILBOXES, say });
    await using sealed = await startBenchFleet({ mailboxes: MAILBOXES, env: { PAYLOAD_KEY }, say });
    let seed = 0;
    say('  payloads, as the fleet makes them');
    const load = { messages: 2_000, seed: (seed += 1) };
    const { payloads } = await fillQueues(plain, load);
    await fillQueues(sealed, load);
    say('  what waits in Redis');
    const weights = [
      ['inbound', await weighJobs('inbound', payloads.inbound)],
      ['outbound', await weighJobs('outbound', payloads.outbound)],
    ] as const;
    const count = quick ? PAYLOADS / 10 : PAYLOADS;
    const times = [
      ['inbound', timeSealing(payloads.inbound, count)],
      ['outbound', timeSealing(payloads.outbound, count)],
    ] as const;

    const costs = { plain: [] as LoadCost[], sealed: [] as LoadCost[] };
    for (let round = 0; round < ROUNDS; round += 1) {
      say(`  round ${round + 1}: ${messages} messages, without a key and with one`);
      seed += 1;
      const steps = [
        async () => void costs.plain.push(await runLoad(plain, { messages, seed, announced: 0.5 })),
        async () =>
          void costs.sealed.push(await runLoad(sealed, { messages, seed, announced: 0.5 })),
      ];
      for (const step of round % 2 === 0 ? steps : steps.toReversed()) await step();
    }
    const ratio = (of: (cost: LoadCost) => number): number[] =>
      costs.sealed.map((cost, round) => of(cost) / of(costs.plain[round] ?? cost));
    const throughput = ratio((cost) => sustainedRate(cost.progress, messages));
    return {
      notes: [
        `${messages} messages over ${MAILBOXES} mailboxes without latency, ${ROUNDS} rounds (minimum / median / maximum).`,
        'Two fleets side by side in one run, one idle while the other works.',
      ],
      tables: [
        {
          title: 'Per job: us of a core to write and read its data, and bytes of it',
          columns: [
            '',
            'write',
            'sealed',
            'read',
            'opened',
            'bytes',
            'sealed bytes',
            'unpacked, %',
          ],
          rows: times.map(([queue, time]) => [
            queue,
            ...[time.writeUs, time.sealUs, time.readUs, time.openUs].map(short),
            ...[time.bytes, time.sealedBytes].map(Math.round),
            short(time.unpacked * 100),
          ]),
        },
        {
          title: 'Bytes in Redis a waiting message',
          columns: ['', 'without a key', 'with one', 'ratio'],
          rows: weights.map(([queue, bytes]) => [
            `on ${queue}`,
            Math.round(bytes.plain),
            Math.round(bytes.sealed),
            short(bytes.sealed / bytes.plain),
          ]),
        },
        {
          title: 'A session with a key, as a share of one without',
          columns: ['messages/s', 'CPU of its processes', 'CPU of Redis'],
          rows: [
            [spread(throughput), spread(ratio(cpuOf)), spread(ratio(({ redis }) => redis.cpuUs))],
          ],
        },
      ],
      checks: [
        {
          what: 'messages/s with a key / without',
          value: median(throughput),
          bound: { min: 0.75 },
        },
        {
          what: 'bytes in Redis of a message on outbound, sealed',
          value: weights[1][1].sealed,
          bound: { max: 3_000 },
        },
      ],
      raw: { times, weights, costs },
    };
  },
};

/** seconds of the fleet's own processes: the simulator is not the system, and Redis has a column of its own */
function cpuOf({ cpuSeconds }: LoadCost): number {
  return Object.entries(cpuSeconds).reduce(
    (sum, [name, seconds]) => (/^(redis|simulator)$/.test(name) ? sum : sum + seconds),
    0,
  );
}
