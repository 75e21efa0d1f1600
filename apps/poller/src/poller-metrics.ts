import { AUDIT_VERDICTS, type AuditResult } from '@ms1/contracts';
import { Counter, Gauge } from 'prom-client';

import type { WalkReport } from './polling/walk-folder.ts';

export interface PollerMetrics {
  ended(job: string, outcome: string): void;
  walked(report: WalkReport): void;
  scanned(found: number, requeued: number): void;
  audited(result: AuditResult): void;
}

export function createPollerMetrics(): PollerMetrics {
  const jobs = new Counter({
    name: 'ms1_poller_jobs_total',
    help: 'Jobs by how they ended',
    labelNames: ['job', 'outcome'] as const,
  });
  const messages = new Counter({
    name: 'ms1_poller_messages_total',
    help: 'Messages seen by what became of them',
    labelNames: ['seen_by', 'outcome'] as const,
  });
  const lastWalk = new Gauge({
    name: 'ms1_poller_last_walk_timestamp_seconds',
    help: 'When a folder was last walked to its end',
  });
  const audited = new Counter({
    name: 'ms1_poller_audited_messages_total',
    help: 'Messages audited by verdict; any that is unexplained is an alert',
    labelNames: ['verdict'] as const,
  });
  return {
    ended: (job, outcome) => jobs.inc({ job, outcome }),
    walked({ added, known, old, complete }) {
      messages.inc({ seen_by: 'walk', outcome: 'added' }, added);
      messages.inc({ seen_by: 'walk', outcome: 'known' }, known);
      messages.inc({ seen_by: 'walk', outcome: 'old' }, old);
      if (complete) lastWalk.setToCurrentTime();
    },
    scanned(found, requeued) {
      messages.inc({ seen_by: 'scan', outcome: 'added' }, requeued);
      messages.inc({ seen_by: 'scan', outcome: 'known' }, found - requeued);
    },
    audited({ counts, repaired }) {
      for (const verdict of AUDIT_VERDICTS) audited.inc({ verdict }, counts[verdict]);
      messages.inc({ seen_by: 'audit', outcome: 'added' }, repaired);
    },
  };
}
