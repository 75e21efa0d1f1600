import type { MailboxEntry } from '@ms1/contracts';
import type { FolderRef } from '@ms1/store';

import type { MailboxView } from './overview.ts';

export interface MailboxFreshnessOptions {
  /** those of the moment */
  mailboxes: () => readonly Pick<
    MailboxEntry,
    'mailboxId' | 'label' | 'folders' | 'state' | 'addedAt'
  >[];
  /** ms since the epoch at which each folder was last walked; null: never */
  walkedAt: (folders: readonly FolderRef[]) => Promise<(number | null)[]>;
  clock: { now(): number };
}

export interface Freshness {
  total: number;
  stale: number;
  longestAgo: MailboxView[];
  asOf: string;
}

/** Five walks missed, at the default of one a minute: the longest that is not a matter of luck. */
const STALE_MS = 5 * 60_000;
const SHOWN = 50;
/** Thousands of mailboxes are thousands of keys; their freshness is a matter of minutes. */
const EVERY_MS = 5_000;

/** When each mailbox was last looked through. A mailbox is as fresh as its least fresh folder. */
export class MailboxFreshness {
  readonly #options: MailboxFreshnessOptions;
  readonly #since: number;
  #last: Freshness | undefined;
  #nextAt = 0;

  constructor(options: MailboxFreshnessOptions) {
    this.#options = options;
    this.#since = options.clock.now();
  }

  async read(): Promise<Freshness> {
    const { mailboxes, walkedAt, clock } = this.#options;
    const now = clock.now();
    if (this.#last && now < this.#nextAt) return this.#last;
    const listed = mailboxes();
    const times = await walkedAt(
      listed.flatMap(({ mailboxId, folders }) =>
        folders.map((folderId) => ({ mailboxId, folderId })),
      ),
    );
    const views = listed
      .map(({ mailboxId: id, label, folders, state, addedAt }) => {
        const own = times.splice(0, folders.length);
        const oldest = own.includes(null) ? null : Math.min(...own.map(Number));
        const paused = state === 'paused';
        // One that was never walked is new, or this process is: it gets as long as any other.
        const since = oldest ?? Math.max(addedAt, this.#since);
        return { id, label, paused, oldest, stale: !paused && now - since > STALE_MS };
      })
      .toSorted((a, b) => (a.oldest ?? 0) - (b.oldest ?? 0))
      .map(({ oldest, ...view }) => ({
        ...view,
        walkedAt: oldest === null ? null : new Date(oldest).toISOString(),
      }));
    this.#nextAt = now + EVERY_MS;
    this.#last = {
      total: views.length,
      stale: views.filter(({ stale }) => stale).length,
      longestAgo: views.slice(0, SHOWN),
      asOf: new Date(now).toISOString(),
    };
    return this.#last;
  }
}
