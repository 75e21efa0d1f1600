import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createGraphMetrics } from '@ms1/graph-client';
import { register } from 'prom-client';

import { createWebhookMetrics } from '../apps/ingest-api/src/webhook-metrics.ts';
import { createSenderMetrics } from '../apps/ms4-sender/src/sender-metrics.ts';
import { createFleetMetrics } from '../apps/ops-console/src/live/fleet-metrics.ts';
import { createLoginMetrics } from '../apps/ops-console/src/login-metrics.ts';
import { createPollerMetrics } from '../apps/poller/src/poller-metrics.ts';
import { createProcessorMetrics } from '../apps/processor/src/processor-metrics.ts';
import { createProcessMetrics } from '../packages/process/src/process-metrics.ts';

/** One metric, as Prometheus sees it. */
export interface MetricRow {
  name: string;
  type: string;
  labels: readonly string[];
  /** which processes have it */
  processes: readonly string[];
  help: string;
}

interface Described {
  labelNames?: readonly string[];
  get(): Promise<{ help: string; type: string }>;
}

const never = (): Promise<never> => Promise.reject(new Error('nothing is asked here'));

const SOURCES: readonly [processes: readonly string[], create: () => unknown][] = [
  [
    ['ops-console'],
    () =>
      createFleetMetrics({
        overview: never,
        processes: never,
        subscriptions: never,
        redis: never,
        clock: { now: Date.now },
      }),
  ],
  [['ms4-sender'], createSenderMetrics],
  [['processor'], createProcessorMetrics],
  [['poller', 'processor', 'ops-console'], createGraphMetrics],
  [['poller'], createPollerMetrics],
  [['ingest-api'], createWebhookMetrics],
  [['ops-console'], createLoginMetrics],
  [['all'], () => createProcessMetrics({ time: never })],
];

const INTRODUCTION = `# Metrics

What each process tells Prometheus at \`/metrics\` of its private port (\`HEALTH_PORT\`). This page is made of the code
(\`node tools/metrics-page.ts\`); the rules and dashboards that use it are in [\`ops/\`](../ops/README.md).

Labels name kinds of things and never a mailbox, a message or a person, so there are as many series with 500 mailboxes
as with one. What is true of the whole fleet comes from \`ops-console\`, read when it is asked for; several consoles say
the same, so take \`max without (instance)\`. One that shows no mail has none of Graph. A total grows from 0 at the
start of its process: take \`rate\`. Each process has besides what \`prom-client\` knows of Node: CPU, memory, and how
late its event loop is (\`nodejs_eventloop_lag_p99_seconds\`).

| metric | type | labels | process | is |
| --- | --- | --- | --- | --- |
`;

/** Every metric of ours, by who has it and then as it is made. */
export async function readMetrics(): Promise<MetricRow[]> {
  const rows: MetricRow[] = [];
  for (const [processes, create] of SOURCES) {
    register.clear();
    create();
    // Its types say nothing of the labels.
    for (const { name } of register.getMetricsAsArray()) {
      const metric = register.getSingleMetric(name) as unknown as Described;
      const { help, type } = await metric.get();
      rows.push({ name, type, labels: metric.labelNames ?? [], processes, help });
    }
  }
  register.clear();
  return rows;
}

/** Every metric of ours as a process that has done nothing yet exposes it. */
export async function readFreshSeries(): Promise<string> {
  const texts: string[] = [];
  for (const [, create] of SOURCES) {
    register.clear();
    create();
    texts.push(await register.metrics());
  }
  register.clear();
  return texts.join('\n');
}

/** The text of docs/metrics.md. */
export function renderPage(rows: readonly MetricRow[]): string {
  const lines = rows.map(({ name, type, labels, processes, help }) => {
    const names = labels.map((label) => `\`${label}\``).join(', ');
    return `| \`${name}\` | ${type} | ${names} | ${processes.join(', ')} | ${help} |`;
  });
  return `${INTRODUCTION}${lines.join('\n')}\n`;
}

if (import.meta.main) {
  const page = join(import.meta.dirname, '..', 'docs', 'metrics.md');
  writeFileSync(page, renderPage(await readMetrics()));
}
