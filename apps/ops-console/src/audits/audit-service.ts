import { type AuditWindow, folderKey, JOBS } from '@ms1/contracts';
import type { Audit, AuditedFolder, AuditStore, PageRequest, Session } from '@ms1/ledger';
import { type Clock, failpoint } from '@ms1/runtime';

import type { MailboxFolders } from '../sessions/mailbox-folders.ts';

/** What audit jobs need of the `polling` queue. */
interface AuditQueue {
  addBulk(jobs: { name: string; data: AuditWindow; opts: { jobId: string } }[]): Promise<unknown>;
}

export interface AuditServiceOptions {
  audits: AuditStore;
  polling: AuditQueue;
  mailboxes: MailboxFolders;
  clock: Clock;
}

export interface AuditRequest {
  mailboxes: readonly string[] | 'all';
  /** RFC 3339 */
  from: string | null;
  to: string | null;
  repair: boolean;
  /** with `repair`, puts back what is skipped for this reason, and nothing else */
  replay?: string | undefined;
}

/** Audits of which folders are asked for again. */
const LATEST = 20;

/** Audits as operators ask for them: what is kept, and the jobs that do it. */
export class AuditService {
  readonly #options: AuditServiceOptions;

  constructor(options: AuditServiceOptions) {
    this.#options = options;
  }

  async create({ mailboxes, ...request }: AuditRequest): Promise<Audit> {
    const ids = this.#options.mailboxes.idsOf(mailboxes);
    return this.#start({ ids, ...request, sessionId: null });
  }

  /** Audits the window of a session: its report. */
  async ofSession({ id, mailboxes, from, to }: Session, repair: boolean): Promise<Audit> {
    return this.#start({ ids: mailboxes, from, to, repair, sessionId: id });
  }

  get(id: string): Promise<Audit | null> {
    return this.#options.audits.get(id);
  }

  list(page: PageRequest): Promise<Audit[]> {
    return this.#options.audits.list(page);
  }

  reportOf(sessionId: string): Promise<Audit | null> {
    return this.#options.audits.latestOf(sessionId);
  }

  /** Of the folders that are read: what one that is gone came to last is nobody's concern. */
  async rolling(): Promise<AuditedFolder[]> {
    const { audits, mailboxes } = this.#options;
    const folders = await audits.rolling();
    const read = new Set(mailboxes.foldersOf(mailboxes.idsOf('all')).map(folderKey));
    return folders.filter((folder) => read.has(folderKey(folder)));
  }

  /**
   * Asks again for the folders that the latest audits still wait for: a console died between keeping an audit and asking
   * for it, or Redis lost what was asked.
   */
  async resume(): Promise<void> {
    for (const audit of await this.#options.audits.list({ limit: LATEST })) await this.#ask(audit);
  }

  unknown(mailboxes: readonly string[] | 'all'): number[] {
    return this.#options.mailboxes.unknown(mailboxes);
  }

  async #start(request: {
    ids: readonly string[];
    from: string | null;
    to: string | null;
    sessionId: string | null;
    repair: boolean;
    replay?: string | undefined;
  }): Promise<Audit> {
    const { audits, mailboxes, clock } = this.#options;
    const { ids, sessionId, repair, replay } = request;
    const from = request.from && new Date(request.from).toISOString();
    // Bounded even when nobody said so: mail that arrives while folders are listed is not a question yet.
    const to = new Date(request.to ?? clock.now()).toISOString();
    const folders = mailboxes.foldersOf(ids);
    const audit = await audits.create({ folders, from, to, sessionId, repair, replay });
    await failpoint('ops-console:after-audit');
    await this.#ask(audit);
    return audit;
  }

  /** Has the folders audited that were not; does nothing to those that wait for it, or are at it. */
  async #ask({ id: auditId, from, to, sessionId, repair, replay, folders }: Audit): Promise<void> {
    const { polling, mailboxes } = this.#options;
    const pending = folders.filter(({ result }) => result === null);
    if (pending.length === 0) return;
    await polling.addBulk(
      pending.map(({ mailboxId, folderId }) => ({
        name: JOBS.auditWindow,
        data: {
          v: 1,
          tenantId: mailboxes.tenantOf(mailboxId) ?? '',
          mailboxId,
          folderId,
          auditId,
          from,
          to,
          sessionId,
          repair,
          replay,
        },
        opts: { jobId: `audit-${auditId}-${folderKey({ mailboxId, folderId })}` },
      })),
    );
  }
}
