import type { AuditResult, FolderRef } from '@ms1/contracts';

export interface NewAudit {
  folders: readonly FolderRef[];
  /** RFC 3339; null: no bound */
  from: string | null;
  to: string | null;
  /** the session it is the report of */
  sessionId: string | null;
  /** puts what is unexplained back */
  repair: boolean;
  /** puts back what is skipped for this reason instead */
  replay?: string | undefined;
}

/** One folder of an audit; its result is null until it was audited. */
export interface AuditedFolder extends FolderRef {
  result: AuditResult | null;
}

export interface Audit extends Omit<NewAudit, 'folders'> {
  id: string;
  /** ms since the epoch */
  createdAt: number;
  folders: AuditedFolder[];
}
