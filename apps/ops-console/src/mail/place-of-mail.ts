import { DeliverRecord, IngestMessage, type LedgerEntry, type MailboxEntry } from '@ms1/contracts';
import type { Ledger, LookupIndex } from '@ms1/ledger';
import type { MailboxSnapshot } from '@ms1/mailboxes';
import type { LocateJobs } from '@ms1/queue';

import { type JobSources, jobData } from './job-data.ts';

/** Whose a message is, and how it is found there: a key tells neither. */
export interface PlaceOfMail {
  mailboxId: string;
  /** immutable id, while a job holds it */
  messageId: string | null;
  /** ms since the epoch, to the second; null: Exchange tells no possible time */
  receivedAt: number | null;
}

export interface PlaceSources extends JobSources {
  ledger: Pick<Ledger, 'known'>;
  locate: LocateJobs;
  /** null: mail is not indexed */
  index: Pick<LookupIndex, 'listed' | 'tagOf'> | null;
  mailboxes: { readonly current: Pick<MailboxSnapshot, 'entries'> };
}

const DAY_MS = 24 * 3_600_000;

/** Where a message is, from its job, else from the list of the day on which it came; null where neither knows. */
export async function placeOfMail(sources: PlaceSources, key: string): Promise<PlaceOfMail | null> {
  const [[entry = null], [job = null]] = await Promise.all([
    sources.ledger.known([key]),
    sources.locate([key]),
  ]);
  return (job && placeInJob(await jobData(sources, key, job))) ?? placeInList(sources, key, entry);
}

function placeInJob(data: unknown): PlaceOfMail | null {
  const noticed = IngestMessage.safeParse(data).data;
  if (noticed) {
    const { mailboxId, messageId } = noticed;
    return { mailboxId, messageId, receivedAt: null };
  }
  const record = DeliverRecord.safeParse(data).data?.record;
  return record
    ? { mailboxId: record.mailbox, messageId: record.messageId, receivedAt: null }
    : null;
}

async function placeInList(
  sources: PlaceSources,
  key: string,
  entry: LedgerEntry | null,
): Promise<PlaceOfMail | null> {
  const { index } = sources;
  if (!index || !entry) return null;
  for (const day of daysOf(entry)) {
    const listed = (await index.listed(day * DAY_MS)).get(key);
    if (!listed) continue;
    const mailbox = mailboxOf(sources.mailboxes.current.entries, index, listed.mailbox);
    return (
      mailbox && {
        mailboxId: mailbox.mailboxId,
        messageId: null,
        receivedAt: listed.isReceived ? listed.at : null,
      }
    );
  }
  return null;
}

/** The mailbox that a list names; null: it was never heard of. */
export function mailboxOf(
  entries: readonly MailboxEntry[],
  index: Pick<LookupIndex, 'tagOf'>,
  tag: string,
): MailboxEntry | null {
  return entries.find(({ mailboxId }) => index.tagOf(mailboxId) === tag) ?? null;
}

/**
 * The days on which it may be listed, the likeliest first. A clock that was wrong by a little around midnight makes it
 * the day before or after; what Exchange tells no possible time of is listed on the day it was noticed.
 */
function daysOf({ receivedAt, queuedAt, preparedAt, at }: LedgerEntry): number[] {
  const [first, ...others] = [receivedAt, queuedAt, preparedAt, at].flatMap((time) =>
    time === null ? [] : [Math.floor(time / DAY_MS)],
  );
  if (first === undefined) return [];
  return [...new Set([first, ...others, first - 1, first + 1])];
}
