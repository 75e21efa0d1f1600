import type { NewSession, PageRequest, Session, SessionStore } from '@ms1/ledger';
import { failpoint } from '@ms1/runtime';

import type { MailboxFolders } from './mailbox-folders.ts';
import { addScanJobs, type ScanQueue } from './scan-jobs.ts';

export interface SessionServiceOptions {
  sessions: SessionStore;
  polling: ScanQueue;
  mailboxes: MailboxFolders;
}

/** What the console does with sessions: the store's steps, and the jobs that belong to them. */
export class SessionService {
  readonly #options: SessionServiceOptions;

  constructor(options: SessionServiceOptions) {
    this.#options = options;
  }

  /** Of these mailboxes, or of all that are configured. */
  async create(
    request: Omit<NewSession, 'mailboxes'> & { mailboxes: readonly string[] | 'all' },
  ): Promise<{ session: Session; created: boolean }> {
    const mailboxes = this.#options.mailboxes.idsOf(request.mailboxes);
    return this.#options.sessions.create({ ...request, mailboxes });
  }

  /** Those of these mailboxes that are not configured, by their position. */
  unknown(mailboxes: readonly string[] | 'all'): number[] {
    return this.#options.mailboxes.unknown(mailboxes);
  }

  /** Reads a session, finished if it can be. */
  async get(id: string): Promise<Session | null> {
    const session = await this.#options.sessions.get(id);
    if (session?.status !== 'closing' || !(await this.#options.sessions.finish(id))) return session;
    return this.#options.sessions.get(id);
  }

  async list(page: PageRequest): Promise<Session[]> {
    const sessions = await this.#options.sessions.list(page);
    return Promise.all(
      sessions.map(async (session) =>
        session.status === 'closing' ? ((await this.get(session.id)) ?? session) : session,
      ),
    );
  }

  /** Ends the window and has every folder listed. Null when there is no such session. */
  async close(id: string): Promise<Session | null> {
    const session = await this.#options.sessions.get(id);
    if (!session) return null;
    const closed = await this.#options.sessions.close(
      id,
      this.#options.mailboxes.foldersOf(session.mailboxes),
    );
    await failpoint('ops-console:after-close');
    await this.addScans(closed);
    return closed;
  }

  async cancel(id: string): Promise<Session> {
    return this.#options.sessions.cancel(id);
  }

  async pause(id: string): Promise<Session> {
    return this.#options.sessions.pause(id);
  }

  /** Goes on with what was paused or cancelled; of the latter the scans are put back. */
  async resume(id: string): Promise<Session> {
    const session = await this.#options.sessions.resume(id);
    await this.addScans(session);
    return session;
  }

  /** Puts the scans a closing session still waits for on `polling`, those that are not there. */
  async addScans({ id, status }: Session): Promise<void> {
    if (status !== 'closing') return;
    const pending = await this.#options.sessions.pendingScans(id);
    const { polling, mailboxes } = this.#options;
    await addScanJobs(polling, (mailboxId) => mailboxes.tenantOf(mailboxId), id, pending);
  }
}
