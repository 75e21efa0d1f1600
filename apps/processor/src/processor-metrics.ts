import { Counter } from 'prom-client';

import type { PrepareReport } from './prepare-report.ts';

const OUTCOMES = ['prepared', 'skipped', 'snoozed', 'retried', 'dead'] as const;

/** Counts what became of each batch: by outcome and by how Graph refused, never by whose mail it was. */
export function createProcessorMetrics(): (report: PrepareReport) => void {
  const messages = new Counter({
    name: 'ms1_processor_messages_total',
    help: 'Messages by outcome; a snoozed one comes again',
    labelNames: ['outcome'] as const,
  });
  const refusals = new Counter({
    name: 'ms1_graph_refusals_total',
    help: 'Messages that Graph refused, by error code',
    labelNames: ['code'] as const,
  });
  const truncated = new Counter({
    name: 'ms1_processor_truncated_total',
    help: 'Records of which something was cut to fit, by member',
    labelNames: ['member'] as const,
  });
  return (report) => {
    for (const outcome of OUTCOMES) messages.inc({ outcome }, report[outcome]);
    for (const [code, count] of Object.entries(report.refusals)) refusals.inc({ code }, count);
    for (const [member, count] of Object.entries(report.truncated)) {
      truncated.inc({ member }, count);
    }
  };
}
