import type { LedgerEntry } from '@ms1/contracts';
import type { Ledger, ListedMessage, LookupIndex } from '@ms1/ledger';
import type { MailboxSnapshot } from '@ms1/mailboxes';
import type { Clock } from '@ms1/runtime';
import { z } from 'zod';

import { mailboxOf } from '../mail/place-of-mail.ts';
import { ApiProblem } from './api-problem.ts';
import { fromCursor, toCursor } from './page.ts';
import { rfc3339 } from './rfc3339.ts';
import { type Asked, handle, reply } from './route.ts';

const DAY_MS = 24 * 3_600_000;
/** Days listed when nobody says which: as long as the index is kept. */
const DAYS = 35;
/** Messages looked at for one page: a fifth of a second of whoever asks, however few of them fit. */
const LOOKED_MAX = 10_000;
/** Asked of the ledger at once. */
const CHUNK = 250;

/** Where a page goes on: after what was looked at last. */
const Looked = z.tuple([z.number(), z.string()]);

export interface BrowseSources {
  mailboxes: { readonly current: Pick<MailboxSnapshot, 'entries'> };
  ledger: Pick<Ledger, 'known'>;
  /** null: mail is not listed */
  index: Pick<LookupIndex, 'listed' | 'tagOf'> | null;
  clock: Clock;
}

type Query = Asked<'GET /messages'>['query'];
type Row = { listed: ListedMessage; entry: LedgerEntry };

/** `/api/messages`: mail by mailbox, day, state, reason and session, the newest first. */
export function browseRoutes(sources: BrowseSources) {
  return handle({
    async 'GET /messages'({ query }) {
      const { index, mailboxes } = sources;
      if (!index) {
        throw new ApiProblem({
          type: 'lookup_off',
          title: 'Mail is not listed: set LOOKUP_KEY for processor and ops-console',
          status: 409,
        });
      }
      const { rows, last, isDone } = await lookThrough(sources, index, query);
      const labels = new Map<string, { id: string; label: string } | null>();
      for (const tag of new Set(rows.map(({ listed }) => listed.mailbox))) {
        const mailbox = mailboxOf(mailboxes.current.entries, index, tag);
        labels.set(tag, mailbox && { id: mailbox.mailboxId, label: mailbox.label });
      }
      const messages = rows.map(({ listed, entry }) => ({
        key: listed.key,
        mailbox: labels.get(listed.mailbox) ?? null,
        receivedAt: rfc3339(listed.at),
        state: entry.state,
        at: rfc3339(entry.at),
        reason: entry.reason,
        sessionId: entry.sessionId,
      }));
      const next = isDone || !last ? undefined : toCursor([last.at, last.key]);
      return reply(200, messages, { next });
    },
  });
}

/** From the newest on, until a page is full, enough was looked at, or there is no more. */
async function lookThrough(
  { ledger, clock }: BrowseSources,
  index: Pick<LookupIndex, 'listed'>,
  query: Query,
): Promise<{ rows: Row[]; last: ListedMessage | undefined; isDone: boolean }> {
  const now = clock.now();
  const [at, key] = fromCursor(Looked, query.cursor) ?? [];
  const from = Math.max(Date.parse(query.from ?? '') || 0, now - DAYS * DAY_MS);
  const to = Math.min(Date.parse(query.to ?? '') || now + DAY_MS, at ?? now + DAY_MS);
  const rows: Row[] = [];
  let last: ListedMessage | undefined;
  let looked = 0;
  for (let day = Math.floor(to / DAY_MS); day >= Math.floor(from / DAY_MS); day -= 1) {
    const list = await index.listed(day * DAY_MS, query.mailboxId);
    const isSameDay = at !== undefined && key !== undefined && Math.floor(at / DAY_MS) === day;
    const rest = list.newestFirst(isSameDay ? { at, key } : undefined);
    for (const chunk of chunksOf(rest, ({ at: received }) => received >= from && received <= to)) {
      const wanted = query.state === 'skipped' ? chunk.filter(({ isSkipped }) => isSkipped) : chunk;
      const entries = await ledger.known(wanted.map((one) => one.key));
      for (const [n, listed] of wanted.entries()) {
        const entry = entries[n];
        if (entry && fits(entry, query)) rows.push({ listed, entry });
        if (rows.length === query.limit) return { rows, last: listed, isDone: false };
      }
      last = chunk.at(-1);
      looked += chunk.length;
      if (looked >= LOOKED_MAX) return { rows, last, isDone: false };
    }
  }
  return { rows, last, isDone: true };
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

function fits(entry: LedgerEntry, { state, reason, sessionId }: Query): boolean {
  return (
    (state === undefined || entry.state === state) &&
    (reason === undefined || entry.reason === reason) &&
    (sessionId === undefined || entry.sessionId === sessionId)
  );
}
