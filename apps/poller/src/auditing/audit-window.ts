import type { AuditResult, AuditWindow } from '@ms1/contracts';
import type { AuditStore } from '@ms1/ledger';
import type { CursorStore } from '@ms1/mailboxes';
import { failpoint } from '@ms1/runtime';

import { type AuditOptions, auditFolder } from './audit-folder.ts';

export interface AuditWindowOptions extends AuditOptions {
  audits: Pick<AuditStore, 'report'>;
  cursors: Pick<CursorStore, 'read'>;
  /** what the rolling audit looks at: from so many ms ago, to so many */
  windowMs: number;
  settleMs: number;
}

/**
 * One `audit-window` job: the folder in the window that was asked for, or, of the rolling audit, in the
 * time that has just settled. Null when the folder was never walked: the rolling audit then has nothing
 * to compare with.
 */
export async function auditWindow(
  options: AuditWindowOptions,
  { auditId, from, to, sessionId, repair, replay, tenantId, mailboxId, folderId }: AuditWindow,
  signal: AbortSignal,
): Promise<AuditResult | null> {
  const folder = { tenantId, mailboxId, folderId };
  const cursor = await options.cursors.read(folder);
  if (auditId === null && cursor === null) return null;
  const now = options.clock.now();
  const window =
    auditId === null
      ? { from: ago(now, options.windowMs), to: ago(now, options.settleMs) }
      : { from, to };
  // A session takes mail of any age; nobody else asks for what the folder's bound leaves alone.
  const since = sessionId === null ? (cursor?.since ?? null) : null;
  const result = await auditFolder(
    options,
    { folder, ...window, sessionId, repair, since, replay },
    signal,
  );
  await failpoint('poller:after-audit');
  await options.audits.report(auditId, folder, result);
  return result;
}

function ago(now: number, ms: number): string {
  return new Date(now - ms).toISOString();
}
