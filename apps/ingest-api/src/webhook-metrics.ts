import { Counter, Histogram } from 'prom-client';

import type { Opening } from './rich/open-notifications.ts';
import type { Answered } from './webhook/create-webhook.ts';

/** Counts answers and what the notifications were, and times them. */
export function createWebhookMetrics() {
  const notifications = new Counter({
    name: 'ms1_ingest_notifications_total',
    help: 'Items of notification POSTs by result',
    labelNames: ['outcome'] as const,
  });
  const duration = new Histogram({
    name: 'ms1_ingest_answer_duration_seconds',
    help: 'Time from a body being read to its answer',
    labelNames: ['status'] as const,
    // Figures that matter: 50 ms is the target, 2.5 s the promise, 3 s that of Graph.
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 2.5, 3],
  });
  const shed = new Counter({
    name: 'ms1_ingest_shed_total',
    help: 'POSTs answered 503 unread: over the rate (of all, or of a worthless sender), too many in hand, or busy',
    labelNames: ['limit'] as const,
  });
  const contents = new Counter({
    name: 'ms1_ingest_contents_total',
    help: 'Contents of rich notifications by result; the processor fetches what was not opened',
    labelNames: ['outcome'] as const,
  });
  return {
    answered({ status, durationMs, accepted, shed: limit }: Answered) {
      if (limit) shed.inc({ limit });
      duration.observe({ status }, durationMs / 1_000);
      for (const [outcome, count] of Object.entries(accepted ?? {})) {
        if (count > 0) notifications.inc({ outcome }, count);
      }
    },
    opened(outcome: Opening) {
      contents.inc({ outcome });
    },
  };
}
