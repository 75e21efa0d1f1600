import { AUDIT_VERDICTS, type AuditResult } from '@ms1/contracts';
import { Counter, Gauge } from 'prom-client';

import type { RelookReport } from './polling/relook-folder.ts';
import type { WalkReport } from './polling/walk-folder.ts';

const PUSH_CHANGES = ['silent', 'late', 'recovered'] as const;
const WALK_OUTCOMES = ['added', 'known', 'old', 'moved', 'gone'] as const;

export type PollerMetrics = ReturnType<typeof createPollerMetrics>;

export function createPollerMetrics() {
  const jobs = new Counter({
    name: 'ms1_poller_jobs_total',
    help: 'Jobs by how they ended',
    labelNames: ['job', 'outcome'] as const,
  });
  const messages = new Counter({
    name: 'ms1_poller_messages_total',
    help: 'Messages seen, by result',
    labelNames: ['seen_by', 'outcome'] as const,
  });
  const lastWalk = new Gauge({
    name: 'ms1_poller_last_walk_timestamp_seconds',
    help: 'When a folder was last walked to its end',
  });
  const arrivals = new Counter({
    name: 'ms1_poller_arrivals_total',
    help: 'New messages by what noticed them first: push or the walk',
    labelNames: ['first'] as const,
  });
  const late = new Counter({
    name: 'ms1_poller_push_late_seconds_total',
    help: 'Seconds from received to noticed, summed over the messages that push noticed first',
  });
  const push = new Counter({
    name: 'ms1_poller_push_changes_total',
    help: 'Folders whose notifications were found silent, late or recovered',
    labelNames: ['change'] as const,
  });
  const audited = new Counter({
    name: 'ms1_poller_audited_messages_total',
    help: 'Messages audited by verdict; any that is unexplained is an alert',
    labelNames: ['verdict'] as const,
  });
  // A total that is first seen at 1 has not grown since: the first of what an alert counts would be missed.
  for (const change of PUSH_CHANGES) push.inc({ change }, 0);
  for (const verdict of AUDIT_VERDICTS) audited.inc({ verdict }, 0);
  return {
    ended: (job: string, outcome: string) => jobs.inc({ job, outcome }),
    walked({ arrivals: arrived, complete, ...outcomes }: WalkReport) {
      for (const outcome of WALK_OUTCOMES) {
        messages.inc({ seen_by: 'walk', outcome }, outcomes[outcome]);
      }
      arrivals.inc({ first: 'push' }, arrived.announced);
      arrivals.inc({ first: 'walk' }, arrived.unannounced);
      late.inc(arrived.lateMs / 1_000);
      if (complete) lastWalk.setToCurrentTime();
    },
    relooked({ listed, added }: RelookReport) {
      messages.inc({ seen_by: 'relook', outcome: 'added' }, added);
      messages.inc({ seen_by: 'relook', outcome: 'known' }, listed - added);
    },
    /** a folder's notifications are missing, late, or there again */
    pushed: (change: (typeof PUSH_CHANGES)[number]) => push.inc({ change }),
    scanned(found: number, requeued: number) {
      messages.inc({ seen_by: 'scan', outcome: 'added' }, requeued);
      messages.inc({ seen_by: 'scan', outcome: 'known' }, found - requeued);
    },
    audited({ counts, repaired }: AuditResult) {
      for (const verdict of AUDIT_VERDICTS) audited.inc({ verdict }, counts[verdict]);
      messages.inc({ seen_by: 'audit', outcome: 'added' }, repaired);
    },
  };
}
