import type { LedgerEntry, MessageState } from '@ms1/contracts';
import type { Ledger, ListedMessage, LookupIndex } from '@ms1/ledger';
import type { Clock } from '@ms1/runtime';

const DAY_MS = 24 * 3_600_000;
/** Days listed when nobody says which: as long as the index is kept. */
const DAYS = 35;
/** Asked of the ledger at once. */
const CHUNK = 250;

/** Which listed mail: what fits every given member. */
export interface MailFilter {
  mailboxId?: string | undefined;
  state?: MessageState | undefined;
  reason?: string | undefined;
  sessionId?: string | undefined;
  /** RFC 3339; received from, and until */
  from?: string | undefined;
  to?: string | undefined;
}

export interface MailRow {
  listed: ListedMessage;
  entry: LedgerEntry;
}

/** Some of what was looked at, in the order of the list. */
export interface LookedAt {
  rows: MailRow[];
  /** how many were looked at, and the last of them */
  looked: number;
  last: ListedMessage;
}

export interface WalkSources {
  ledger: Pick<Ledger, 'known'>;
  index: Pick<LookupIndex, 'listed'>;
  clock: Clock;
}

/**
 * Listed mail, from the newest on, a chunk at a time: what fits, however much of it there is.
 *
 * @param after goes on after this one, which need not be there any more
 */
export async function* walkMail(
  { ledger, index, clock }: WalkSources,
  filter: MailFilter,
  after?: Pick<ListedMessage, 'at' | 'key'>,
): AsyncGenerator<LookedAt> {
  const now = clock.now();
  const from = Math.max(Date.parse(filter.from ?? '') || 0, now - DAYS * DAY_MS);
  const to = Math.min(Date.parse(filter.to ?? '') || now + DAY_MS, after?.at ?? now + DAY_MS);
  for (let day = Math.floor(to / DAY_MS); day >= Math.floor(from / DAY_MS); day -= 1) {
    const list = await index.listed(day * DAY_MS, filter.mailboxId);
    const isSameDay = after !== undefined && Math.floor(after.at / DAY_MS) === day;
    const rest = list.newestFirst(isSameDay ? after : undefined);
    for (const chunk of chunksOf(rest, ({ at }) => at >= from && at <= to)) {
      const wanted =
        filter.state === 'skipped' ? chunk.filter(({ isSkipped }) => isSkipped) : chunk;
      const entries = await ledger.known(wanted.map(({ key }) => key));
      const rows = wanted.flatMap((listed, n) => {
        const entry = entries[n];
        const isHere = entry && fits(entry, filter) && !isListedElsewhere(listed, entry, now);
        return isHere ? [{ listed, entry }] : [];
      });
      const last = chunk.at(-1);
      if (last) yield { rows, looked: chunk.length, last };
    }
  }
}

/** It ended before anybody knew when it came, and was read later: it is listed by when it came too. */
function isListedElsewhere(
  { isReceived }: ListedMessage,
  { preparedAt, receivedAt }: LedgerEntry,
  now: number,
): boolean {
  if (isReceived || preparedAt === null || receivedAt === null) return false;
  return receivedAt > now - DAYS * DAY_MS && receivedAt < now + DAY_MS;
}

/** Whether what the ledger says of a message is what is looked for. */
export function fits(entry: LedgerEntry, { state, reason, sessionId }: MailFilter): boolean {
  return (
    (state === undefined || entry.state === state) &&
    (reason === undefined || entry.reason === reason) &&
    (sessionId === undefined || entry.sessionId === sessionId)
  );
}

function* chunksOf<T>(all: Iterable<T>, isWanted: (one: T) => boolean): Generator<T[]> {
  let chunk: T[] = [];
  for (const one of all) {
    if (!isWanted(one)) continue;
    chunk.push(one);
    if (chunk.length < CHUNK) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}
