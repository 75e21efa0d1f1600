import type { AnswerOf } from '@ms1/console-api';
import type { Session } from '@ms1/ledger';
import type { Clock } from '@ms1/runtime';

import { auditReport } from '../audits/audit-report.ts';
import type { AuditService } from '../audits/audit-service.ts';
import { HISTORY_RANGES } from '../history/history-ranges.ts';
import type { HistoryStore } from '../history/history-store.ts';
import type { SessionService } from './session-service.ts';

export type ComparedSession = AnswerOf<'GET /sessions/compare'>[number];

export interface CompareSessionsOptions {
  sessions: Pick<SessionService, 'get'>;
  audits: Pick<AuditService, 'reportOf'>;
  history: Pick<HistoryStore, 'reaching' | 'read'>;
  clock: Clock;
}

/** What there is to compare of a session; null: there is no such session. */
export async function figuresOf(
  id: string,
  { sessions, audits, history, clock }: CompareSessionsOptions,
): Promise<ComparedSession | null> {
  const session = await sessions.get(id);
  if (!session) return null;
  const until = session.finishedAt ?? clock.now();
  const [audit, service] = await Promise.all([
    audits.reportOf(id),
    serviceWhile(history, session.createdAt, until),
  ]);
  return { ...present(session, until), report: audit && summaryOf(audit), service };
}

function present(session: Session, until: number): Omit<ComparedSession, 'report' | 'service'> {
  const { id, name, status, from, to, counts, reasons, found, requeued, missing } = session;
  const ms = Math.max(0, until - session.createdAt);
  const final = counts.delivered + counts.skipped + counts.dead;
  return {
    id,
    name,
    status,
    mailboxes: session.mailboxes.length,
    from,
    to,
    createdAt: new Date(session.createdAt).toISOString(),
    finishedAt: session.finishedAt === null ? null : new Date(session.finishedAt).toISOString(),
    seconds: ms / 1_000,
    perSecond: ms === 0 ? 0 : Math.round((final * 1e7) / ms) / 1e4,
    found,
    counts,
    reasons,
    requeued,
    missing,
  };
}

function summaryOf(audit: Parameters<typeof auditReport>[0]): ComparedSession['report'] {
  const { id, status, listed, counts, repaired } = auditReport(audit);
  return { id, status, listed, unexplained: counts.unexplained, repaired };
}

/** The whole time as one bucket, from the finest range that still has its beginning. */
async function serviceWhile(
  history: CompareSessionsOptions['history'],
  from: number,
  to: number,
): Promise<ComparedSession['service']> {
  const range = await history.reaching(from);
  const { buckets } = await history.read(range, { from, to, points: 1 });
  const [bucket] = buckets;
  return {
    stepSeconds: HISTORY_RANGES[range].stepMs / 1_000,
    inbound: bucket?.inbound ?? null,
    outbound: bucket?.outbound ?? null,
    walkedSecondsAgo: bucket?.walkedSecondsAgo ?? null,
    deadLetters: bucket?.deadLetters ?? null,
  };
}
