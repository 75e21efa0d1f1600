import { isDeepStrictEqual } from 'node:util';
import {
  type MailboxEntry,
  type MailboxSettings,
  type MailboxState,
  takenFrom,
} from '@ms1/contracts';

export type Unrevised = Omit<MailboxEntry, 'revision'>;

/**
 * ms before a beginning that may be none: an empty directory is that of a new installation or of a store
 * that was lost with everything that was on its way, and a mailbox that is added again within this time was
 * removed by mistake. The rolling audit looks back as far.
 */
const OVERLAP_MS = 24 * 3_600_000;

export interface Change {
  now: number;
  state?: MailboxState | undefined;
  /** the directory was empty: nobody knows whether there was one before */
  first?: boolean;
}

/** What a mailbox is after a person, or the environment, said what it is. */
export function nextEntry(
  previous: MailboxEntry | null,
  { tenantId, mailboxId, label, folders, rules }: MailboxSettings,
  { now, state, first = false }: Change,
): Omit<Unrevised, 'origin'> {
  const lives = previous !== null && previous.state !== 'removed';
  const stays = lives || (previous !== null && state === 'removed');
  const begin = stays ? now : beginning(previous, now, first);
  return {
    tenantId,
    mailboxId,
    label,
    folders,
    rules,
    state: state ?? (lives ? previous.state : 'active'),
    addedAt: stays ? previous.addedAt : now,
    forgetBefore: lives || previous === null ? (previous?.forgetBefore ?? null) : now,
    takenFrom: Object.fromEntries(
      folders.map((folder) => [
        folder,
        stays && previous.folders.includes(folder) ? takenFrom(previous, folder) : begin,
      ]),
    ),
    changedAt: now,
  };
}

/** ms since the epoch from which the mail of a mailbox that is added is taken. */
function beginning(removed: MailboxEntry | null, now: number, first: boolean): number {
  if (first) return now - OVERLAP_MS;
  // The entry of a removed mailbox changed last when it was removed.
  const removedAt = removed?.changedAt ?? 0;
  return removedAt > now - OVERLAP_MS ? removedAt - OVERLAP_MS : now;
}

/**
 * What the environment makes of a mailbox that it names; null: nothing. It adds, renames and adds folders, and
 * takes nothing away: a process of an earlier configuration that is started again does not know what was added.
 */
export function seededEntry(
  before: MailboxEntry | null,
  wanted: MailboxSettings,
  change: Omit<Change, 'state'>,
): Unrevised | null {
  if (before?.origin === 'api') return null;
  const kept = before === null || before.state === 'removed' ? [] : before.folders;
  const folders = [...new Set([...kept, ...wanted.folders])];
  const after = { ...nextEntry(before, { ...wanted, folders }, change), origin: 'config' as const };
  return before !== null && isSame(before, after) ? null : after;
}

/**
 * What a process that remembers a mailbox puts back into a store that does not know it, or an older state of it,
 * or that was seeded anew since; null: the store knows as much.
 */
export function restoredEntry(
  remembered: MailboxEntry,
  current: MailboxEntry | null,
  bornAt: number,
): Unrevised | null {
  const { revision, ...entry } = remembered;
  if (current === null || current.revision < revision) return entry;
  // An operator's word of after the loss stands, and what another process has put back.
  if (current.origin === 'api' || current.addedAt < bornAt || entry.addedAt >= bornAt) return null;
  if (entry.origin === 'api') return entry;
  const { revision: _, ...seeded } = current;
  if (entry.state === 'removed') return null;
  const { addedAt, forgetBefore } = entry;
  return { ...seeded, addedAt, forgetBefore, takenFrom: { ...seeded.takenFrom, ...begins(entry) } };
}

function begins(entry: Unrevised): Record<string, number> {
  return Object.fromEntries(entry.folders.map((folder) => [folder, takenFrom(entry, folder)]));
}

/** Apart from when it was written. */
function isSame(before: MailboxEntry, after: Unrevised): boolean {
  const times = { addedAt: 0, changedAt: 0 };
  const { revision: _, ...rest } = before;
  return isDeepStrictEqual({ ...rest, ...times }, { ...after, ...times });
}
