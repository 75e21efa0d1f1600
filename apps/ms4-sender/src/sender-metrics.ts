import type { MessageSource } from '@ms1/contracts';
import { isMs4Timeout, Ms4Error } from '@ms1/ms4-client';
import { Counter, Histogram } from 'prom-client';

import type { DeliveryReport } from './delivery-report.ts';

/** What becomes of records, as the log's line of a batch has it. */
const OUTCOMES = [
  'stored',
  'duplicates',
  'dead',
  'readAgain',
  'retried',
  'suspects',
  'nacked',
] as const;

/** s, from what a request to a service nearby takes to its deadline (MS4_TIMEOUT_MS, 30 s) */
const REQUEST_SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** s, with the objective of 60 among them; what is older than a day is a backfill */
const AGE_SECONDS = [1, 2, 5, 10, 20, 30, 60, 120, 300, 900, 3_600, 14_400, 86_400];
/** records; 1,000 are what the contract takes in a request */
const BATCH_RECORDS = [1, 5, 10, 25, 50, 100, 250, 500, 1_000];

export type SenderMetrics = ReturnType<typeof createSenderMetrics>;

/** When a delivered record passed its stages, ms since the epoch. */
export interface Passage {
  /** object id of its mailbox */
  mailbox: string;
  source: MessageSource;
  receivedAt: number;
  noticedAt: number;
  preparedAt: number;
  deliveredAt: number;
}

/** Metrics of what this process delivers: never of whose mail it was (docs/metrics.md). */
export function createSenderMetrics() {
  const records = new Counter({
    name: 'ms1_sender_records_total',
    help: 'Records by what became of them; a nacked one was not judged and comes again',
    labelNames: ['outcome'] as const,
  });
  const batches = new Histogram({
    name: 'ms1_sender_batch_records',
    help: 'Records taken for one delivery',
    buckets: BATCH_RECORDS,
  });
  const requests = new Histogram({
    name: 'ms1_ms4_request_duration_seconds',
    help: 'Requests to MS4 by how they ended, without the wait for their turn',
    labelNames: ['outcome'] as const,
    buckets: REQUEST_SECONDS,
  });
  const pauses = new Counter({
    name: 'ms1_sender_pauses_total',
    help: 'Deliveries that ended with a pause, by why',
    labelNames: ['cause'] as const,
  });
  // A total that is first seen at 1 has not grown since, and a sender that is refused pauses once.
  pauses.inc({ cause: 'ms4_auth' }, 0);
  const age = new Histogram({
    name: 'ms1_message_age_seconds',
    help: 'From received by Exchange to the verdict of MS4, of delivered messages, by what noticed them',
    labelNames: ['source'] as const,
    buckets: AGE_SECONDS,
  });
  const stages = new Histogram({
    name: 'ms1_message_stage_seconds',
    help: 'The same time by its stages: received to noticed, noticed to prepared, prepared to delivered',
    labelNames: ['stage'] as const,
    buckets: AGE_SECONDS,
  });
  const stage = (name: string, from: number, to: number): void =>
    stages.observe({ stage: name }, Math.max(0, to - from) / 1_000);

  return {
    delivered({ source, receivedAt, noticedAt, preparedAt, deliveredAt }: Passage): void {
      age.observe({ source }, Math.max(0, deliveredAt - receivedAt) / 1_000);
      stage('noticed', receivedAt, noticedAt);
      stage('prepared', noticedAt, preparedAt);
      stage('delivered', preparedAt, deliveredAt);
    },
    batch(report: DeliveryReport): void {
      for (const outcome of OUTCOMES) records.inc({ outcome }, report[outcome]);
      batches.observe(report.records);
      if (report.pausedBy) pauses.inc({ cause: causeOf(report.pausedBy) });
    },
    async timed<T>(request: () => Promise<T>): Promise<T> {
      const began = performance.now();
      let outcome = 'answered';
      try {
        return await request();
      } catch (error) {
        outcome = causeOf(error);
        throw error;
      } finally {
        requests.observe({ outcome }, (performance.now() - began) / 1_000);
      }
    },
  };
}

/** One of our own words, of which there are few. */
function causeOf(error: unknown): string {
  if (isMs4Timeout(error)) return 'ms4_timeout';
  return error instanceof Ms4Error ? error.code : (error as Error).name;
}
