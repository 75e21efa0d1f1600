import { setTimeout as delay } from 'node:timers/promises';

import type { Bench, BenchOptions, BenchReport } from '../bench.ts';
import { type BenchFleet, startBenchFleet } from '../session/bench-fleet.ts';
import { type LoadCost, runLoad } from '../session/run-load.ts';
import { median, short, spread } from '../statistics.ts';
import { sustainedRate } from '../sustained-rate.ts';
import { openSpanSink } from './span-sink.ts';

const MAILBOXES = 20;
const ROUNDS = 5;
/** ms between two looks at all metrics, the first at once: Prometheus looks every 15 s or so, and a load takes three */
const SCRAPE_MS = 5_000;
/** ms until everything that was recorded is sent: the SDK waits 5 s for more */
const SENT_MS = 6_000;

/**
 * Two fleets side by side, one of which traces every message, one idle while the other works; and the one that does not,
 * with and without somebody who reads its metrics.
 */
export const telemetryBench: Bench = {
  name: 'telemetry',
  title: 'What it costs to be seen: traces and metrics',
  budgetSeconds: 100,
  async run({ quick, hasTime, say }: BenchOptions): Promise<BenchReport> {
    const messages = quick ? 1_000 : 10_000;
    await using sink = await openSpanSink();
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: sink.endpoint };
    await using plain = await startBenchFleet({ mailboxes: MAILBOXES, say });
    await using traced = await startBenchFleet({ mailboxes: MAILBOXES, env, say });
    let seed = 0;
    const load = (count = messages) => ({ messages: count, seed: (seed += 1), announced: 0.5 });
    say('  warming up');
    await runLoad(plain, load(messages / 5));
    await runLoad(traced, load(messages / 5));
    await delay(SENT_MS);
    const begun = { spans: sink.spans(), bytes: sink.bytes() };
    const costs = { plain: [], traced: [], scraped: [] } as Record<string, LoadCost[]>;
    for (let round = 0; round < ROUNDS && (round === 0 || hasTime()); round += 1) {
      say(`  round ${round + 1}: ${messages} messages, plain, traced, and read by Prometheus`);
      const steps = [
        async () => void costs['plain']?.push(await runLoad(plain, load())),
        async () => void costs['traced']?.push(await runLoad(traced, load())),
        async () => void costs['scraped']?.push(await scraped(plain, () => runLoad(plain, load()))),
      ];
      for (const step of round % 2 === 0 ? steps : steps.toReversed()) await step();
    }
    await delay(SENT_MS);
    const { plain: base = [], traced: withTraces = [], scraped: withMetrics = [] } = costs;
    const ratio = (some: readonly LoadCost[], of: (cost: LoadCost) => number): number[] =>
      some.map((cost, round) => of(cost) / of(base[round] ?? cost));
    const rateOf = ({ progress }: LoadCost): number => sustainedRate(progress, messages);
    const row = (name: string, some: readonly LoadCost[]) => [
      name,
      spread(ratio(some, rateOf)),
      spread(ratio(some, cpuOf)),
      spread(ratio(some, ({ redis }) => redis.cpuUs)),
    ];
    const count = messages * withTraces.length;
    return {
      notes: [
        `${messages} messages over ${MAILBOXES} mailboxes without latency, ${base.length} rounds (minimum / median / maximum), each with all three, in reverse order every other time.`,
        `Every message is traced. Metrics of all processes are read at once and every ${SCRAPE_MS / 1_000} s: three times as often as is usual, or more.`,
      ],
      tables: [
        {
          title: 'As a share of a session that nobody sees',
          columns: ['', 'messages/s', 'CPU of its processes', 'CPU of Redis'],
          rows: [row('all traced', withTraces), row('metrics read', withMetrics)],
        },
        {
          title: 'Sent to the collector, per message',
          columns: ['spans', 'bytes'],
          rows: [
            [
              short((sink.spans() - begun.spans) / count),
              Math.round((sink.bytes() - begun.bytes) / count),
            ],
          ],
        },
      ],
      checks: [
        {
          what: 'messages/s, all traced / none',
          value: short(median(ratio(withTraces, rateOf))),
          bound: { min: 0.9 },
        },
        {
          what: 'messages/s, metrics read / not',
          value: short(median(ratio(withMetrics, rateOf))),
          bound: { min: 0.97 },
        },
        {
          what: 'spans a message that arrived: none was dropped',
          value: short((sink.spans() - begun.spans) / count),
          bound: { min: 3 },
        },
      ],
      raw: { costs },
    };
  },
};

/** Reads the metrics of all processes while the work lasts, as Prometheus does. */
async function scraped<T>({ metricsUrls }: BenchFleet, work: () => Promise<T>): Promise<T> {
  const read = (): void => {
    for (const url of metricsUrls) {
      void fetch(url).then(
        (response) => response.text(),
        () => undefined,
      );
    }
  };
  read();
  const timer = setInterval(read, SCRAPE_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

/** seconds of the fleet's own processes: the simulator is not the system, and Redis has a column of its own */
function cpuOf({ cpuSeconds }: LoadCost): number {
  return Object.entries(cpuSeconds).reduce(
    (sum, [name, seconds]) => (/^(redis|simulator)$/.test(name) ? sum : sum + seconds),
    0,
  );
}
