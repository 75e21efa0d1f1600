import type { HeldMailbox, MailboxView, OnTime } from '@ms1/console-api';
import type { FolderRef, MailboxEntry } from '@ms1/contracts';
import type { MailboxHold, MailboxState } from '@ms1/coordination';
import type { PushYield } from '@ms1/mailboxes';
import type { Clock } from '@ms1/runtime';

export interface MailboxFreshnessOptions {
  /** those of the moment */
  mailboxes: () => readonly Pick<
    MailboxEntry,
    'mailboxId' | 'label' | 'folders' | 'state' | 'addedAt'
  >[];
  /** of each folder: when it was walked to its end, and how its notifications did; null: not within a day */
  yields: (folders: readonly FolderRef[]) => Promise<(PushYield | null)[]>;
  /** which of these nobody may call now, and which are read message by message, in their order */
  states: (mailboxIds: readonly string[]) => Promise<MailboxState[]>;
  /** how the objective was kept, in their order and by all */
  onTime: (mailboxIds: readonly string[]) => Promise<{ all: OnTime; each: OnTime[] }>;
  clock: Clock;
}

export interface Freshness {
  total: number;
  stale: number;
  held: HeldMailbox[];
  heldTotal: number;
  longestAgo: MailboxView[];
  /** of all */
  onTime: OnTime;
  asOf: string;
}

/** Five walks missed, at the default of one a minute: the longest that is not a matter of luck. */
export const STALE_MS = 5 * 60_000;
const SHOWN = 50;
/** Held for longer, or to be: a short wait now and then is how Graph spreads its load. */
export const HELD_MS = 25_000;
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
    const { mailboxes, yields, states, onTime, clock } = this.#options;
    const now = clock.now();
    if (this.#last && now < this.#nextAt) return this.#last;
    const listed = mailboxes();
    const [walks, known] = await Promise.all([
      yields(
        listed.flatMap(({ mailboxId, folders }) =>
          folders.map((folderId) => ({ mailboxId, folderId })),
        ),
      ),
      states(listed.map(({ mailboxId }) => mailboxId)),
    ]);
    const long = listed.flatMap(({ mailboxId: id, label }, index) => {
      const hold = known[index]?.held;
      return hold && hold.until - hold.since >= HELD_MS ? [viewHeld(id, label, hold)] : [];
    });
    const views = listed
      .map(({ mailboxId: id, label, folders, state, addedAt }, index) => {
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
          readSingly: (known[index]?.singly ?? null) !== null,
          stale: !paused && now - since > STALE_MS,
        };
      })
      .toSorted((a, b) => (a.oldest ?? 0) - (b.oldest ?? 0))
      .map(({ oldest, ...view }) => ({
        ...view,
        walkedAt: oldest === null ? null : new Date(oldest).toISOString(),
      }));
    const shown = views.slice(0, SHOWN);
    const kept = await onTime(shown.map(({ id }) => id));
    this.#nextAt = now + EVERY_MS;
    this.#last = {
      total: views.length,
      stale: views.filter(({ stale }) => stale).length,
      held: long.slice(0, SHOWN),
      heldTotal: long.length,
      longestAgo: shown.map((view, index) => ({ ...view, onTime: kept.each[index] ?? kept.all })),
      onTime: kept.all,
      asOf: new Date(now).toISOString(),
    };
    return this.#last;
  }
}

function viewHeld(id: string, label: string, { reason, since, until }: MailboxHold): HeldMailbox {
  return {
    id,
    label,
    reason,
    since: new Date(since).toISOString(),
    until: new Date(until).toISOString(),
  };
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
