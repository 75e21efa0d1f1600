import type { MailboxEntry } from '@ms1/contracts';
import type { FolderRef, PushYield } from '@ms1/store';

import type { MailboxView } from './overview.ts';

export interface MailboxFreshnessOptions {
  /** those of the moment */
  mailboxes: () => readonly Pick<
    MailboxEntry,
    'mailboxId' | 'label' | 'folders' | 'state' | 'addedAt'
  >[];
  /** of each folder: when it was walked to its end, and how its notifications did; null: not within a day */
  yields: (folders: readonly FolderRef[]) => Promise<(PushYield | null)[]>;
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
    const { mailboxes, yields, clock } = this.#options;
    const now = clock.now();
    if (this.#last && now < this.#nextAt) return this.#last;
    const listed = mailboxes();
    const walks = await yields(
      listed.flatMap(({ mailboxId, folders }) =>
        folders.map((folderId) => ({ mailboxId, folderId })),
      ),
    );
    const views = listed
      .map(({ mailboxId: id, label, folders, state, addedAt }) => {
        const own = walks.splice(0, folders.length);
        const times = own.map((walk) => walk?.walkedAt ?? Number.NaN);
        const oldest = times.some(Number.isNaN) ? null : Math.min(...times);
        const paused = state === 'paused';
        // One that was never walked is new, or this process is: it gets as long as any other.
        const since = oldest ?? Math.max(addedAt, this.#since);
        return {
          id,
          label,
          paused,
          oldest,
          push: pushOf(own),
          stale: !paused && now - since > STALE_MS,
        };
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

/** Of all folders together. */
function pushOf(walks: readonly (PushYield | null)[]): MailboxView['push'] {
  let [announced, unannounced, lateMs] = [0, 0, 0];
  for (const walk of walks) {
    announced += walk?.hour.announced ?? 0;
    unannounced += walk?.hour.unannounced ?? 0;
    lateMs += walk?.hour.lateMs ?? 0;
  }
  return {
    announced,
    unannounced,
    lateSeconds: announced === 0 ? null : lateMs / announced / 1_000,
  };
}
