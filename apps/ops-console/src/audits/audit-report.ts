import type { AnswerOf } from '@ms1/console-api';
import { AUDIT_VERDICTS, type AuditVerdict, type AuditWitness } from '@ms1/contracts';
import type { Audit, AuditedFolder } from '@ms1/ledger';

/** What an audit came to, over all its folders. */
export type AuditReport = AnswerOf<'GET /audits/:id'>;

const WITNESSES_MAX = 500;

/** Puts the folders of an audit together. */
export function auditReport({ folders, createdAt, ...audit }: Audit): AuditReport {
  const totals = sumOf(folders);
  const done = folders.filter(({ result }) => result !== null).length;
  const whole = totals.missing > 0 ? 'incomplete' : 'explained';
  const status = totals.counts.unexplained > 0 ? 'unexplained' : whole;
  return {
    ...audit,
    replay: audit.replay ?? null,
    createdAt: new Date(createdAt).toISOString(),
    status: done < folders.length ? 'running' : status,
    folders: { done, total: folders.length },
    ...totals,
  };
}

export function sumOf(
  folders: readonly AuditedFolder[],
): Pick<AuditReport, 'listed' | 'missing' | 'counts' | 'reasons' | 'repaired' | 'witnesses'> {
  const counts = { delivered: 0, skipped: 0, dead: 0, inFlight: 0, unexplained: 0 };
  const reasons: Record<string, number> = {};
  const witnesses: AuditWitness[] = [];
  let [listed, missing, repaired] = [0, 0, 0];
  for (const { result } of folders) {
    if (!result) continue;
    listed += result.listed;
    missing += result.missing ?? 0;
    repaired += result.repaired;
    for (const verdict of AUDIT_VERDICTS) counts[verdict] += result.counts[verdict];
    for (const [reason, count] of Object.entries(result.reasons)) {
      reasons[reason] = (reasons[reason] ?? 0) + count;
    }
    witnesses.push(...result.witnesses.slice(0, WITNESSES_MAX - witnesses.length));
  }
  return { listed, missing, counts, reasons, repaired, witnesses };
}

/** The report for people. */
export function renderReport(report: AuditReport): string {
  const { counts, reasons, folders, witnesses } = report;
  const lines = [
    `Audit ${report.id}${report.sessionId ? ` of session ${report.sessionId}` : ''}, ${report.createdAt}`,
    `Window: ${report.from ?? 'the beginning'} to ${report.to ?? 'the end'}`,
    `Folders listed: ${folders.done} of ${folders.total}`,
    '',
    `${pad(report.listed)}  in the mailboxes`,
  ];
  if (report.missing > 0) lines.push(`${pad(report.missing)}  counted there and not listed`);
  for (const verdict of AUDIT_VERDICTS) {
    lines.push(`${pad(counts[verdict])}  ${NAMES[verdict]}`);
    for (const [reason, count] of Object.entries(reasons).toSorted(([, a], [, b]) => b - a)) {
      if (reason.startsWith(`${verdict}:`)) {
        lines.push(`${pad(count)}    ${reason.slice(verdict.length + 1)}`);
      }
    }
  }
  if (report.repaired > 0) lines.push('', `${report.repaired} put back on the queue`);
  if (witnesses.length > 0) lines.push('', 'Unexplained:');
  for (const { key, mailboxId, receivedAt, why } of witnesses) {
    lines.push(`  ${key}  mailbox ${mailboxId}  received ${receivedAt ?? 'unknown'}  ${why}`);
  }
  lines.push('', VERDICTS[report.status], '');
  return lines.join('\n');
}

const NAMES: Record<AuditVerdict, string> = {
  delivered: 'delivered',
  skipped: 'skipped',
  dead: 'dead letters',
  inFlight: 'in flight',
  unexplained: 'UNEXPLAINED',
};

const VERDICTS: Record<AuditReport['status'], string> = {
  running: 'Not every folder is listed yet.',
  explained: 'Every message is accounted for.',
  incomplete: 'FAILED: Graph counts more messages than it lists.',
  unexplained: 'FAILED: there are messages that nothing accounts for.',
};

function pad(count: number): string {
  return String(count).padStart(9);
}
