import { Counter, Gauge } from 'prom-client';

import type { RequestKind } from './http/request-kind.ts';
import type { ExpandRefusalReason } from './messages/expand-refusals.ts';

export interface GraphMetrics {
  requests: (kind: RequestKind, requests: number) => void;
  used: (share: number) => void;
  expandRefused: (reason: ExpandRefusalReason) => void;
}

/** Metrics of this process's requests to Graph, over all mailboxes: labels name kinds of calls, never a mailbox. */
export function createGraphMetrics(): GraphMetrics {
  const units = new Counter({
    name: 'ms1_graph_quota_units_total',
    help: 'Requests as Graph counts them (each of a $batch, refused ones too), by what they were for',
    labelNames: ['kind'] as const,
  });
  // The fullest mailbox since it was last asked for: an average would hide the one that runs dry.
  let fullest = 0;
  const window = new Gauge({
    name: 'ms1_graph_window_used_ratio',
    help: 'Share of its ten-minute quota that the fullest mailbox has used',
    collect() {
      this.set(fullest);
      fullest = 0;
    },
  });
  window.set(0);
  const refusals = new Counter({
    name: 'ms1_graph_expand_refusals_total',
    help: 'Times that the files of a mailbox had to be asked for message by message for an hour, by why',
    labelNames: ['reason'] as const,
  });
  return {
    requests: (kind, requests) => units.inc({ kind }, requests),
    used: (share) => {
      fullest = Math.max(fullest, share);
    },
    expandRefused: (reason) => refusals.inc({ reason }),
  };
}
