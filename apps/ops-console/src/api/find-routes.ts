import { type LedgerEntry, type MailboxEntry, messageKey } from '@ms1/contracts';
import type { Ledger, LookupIndex } from '@ms1/ledger';
import type { MailboxSnapshot } from '@ms1/mailboxes';
import type { LocateJobs } from '@ms1/queue';
import type { Clock } from '@ms1/runtime';

import { mailboxOf } from '../mail/place-of-mail.ts';
import { ApiProblem } from './api-problem.ts';
import { type Meant, meaningsOf } from './meanings.ts';
import { rfc3339 } from './rfc3339.ts';
import { handle, reply } from './route.ts';
import { describeSearch } from './searched.ts';

const DAY_MS = 24 * 3_600_000;
/** Days looked through when nobody says which: as long as the index is kept. */
const DAYS = 35;
/** Days whose lists are read to say whose the messages of one answer are: newest first, they are rarely of more. */
const LABELLED_DAYS = 10;

export interface FindSources {
  mailboxes: { readonly current: Pick<MailboxSnapshot, 'entries' | 'get' | 'tenantOf'> };
  ledger: Pick<Ledger, 'known'>;
  locate: LocateJobs;
  /** null without LOOKUP_KEY: then only keys and message ids are found */
  index: Pick<LookupIndex, 'find' | 'listed' | 'tagOf'> | null;
  clock: Clock;
}

type Days = { from: number; to: number } | null;

/**
 * `/api/find`: where is it? A POST, because who is looked for must not stand in an address that logs
 * keep; for the same reason the operator log keeps which fields were asked for and not what was in them.
 */
export function findRoutes(sources: FindSources) {
  return handle({
    async 'POST /find'({ body }) {
      const tried: Meant[] = [];
      let days: Days = null;
      let total = 0;
      let messages: Awaited<ReturnType<typeof present>> = [];
      for (const meant of meaningsOf(body)) {
        tried.push(meant);
        days = daysOf(sources, meant);
        const all = await keysOf(sources, meant, days);
        const page = all.slice(body.offset, body.offset + body.limit);
        messages = await present(sources, page);
        total = meant.key === undefined ? all.length : messages.length;
        if (messages.length > 0) break;
      }
      const label = sources.mailboxes.current.get(body.mailboxId ?? '')?.label;
      return reply(200, { total, messages, searched: describeSearch(tried, { days, label }) });
    },
  });
}

/** Between which days is looked; null where an id decides alone. */
function daysOf({ clock }: FindSources, { key, messageId, from, to }: Meant): Days {
  if (key !== undefined || messageId !== undefined) return null;
  const now = clock.now();
  return {
    from: from === undefined ? now - DAYS * DAY_MS : Date.parse(from),
    to: to === undefined ? now + DAY_MS : Date.parse(to),
  };
}

async function keysOf(
  { mailboxes, index }: FindSources,
  query: Meant,
  days: Days,
): Promise<string[]> {
  const { key, mailboxId, messageId, internetMessageId, sender, words } = query;
  if (key !== undefined) return [key];
  if (messageId !== undefined && mailboxId !== undefined) {
    const tenantId = mailboxes.current.tenantOf(mailboxId);
    return tenantId === undefined ? [] : [messageKey({ tenantId, mailboxId, messageId })];
  }
  if (!index) {
    throw new ApiProblem({
      type: 'lookup_off',
      title: 'Mail is not indexed: set LOOKUP_KEY for processor and ops-console',
      status: 409,
    });
  }
  return days ? index.find({ mailboxId, internetMessageId, sender, words, ...days }) : [];
}

async function present(sources: FindSources, keys: readonly string[]) {
  const { ledger, locate } = sources;
  const [entries, places] = await Promise.all([ledger.known(keys), locate(keys)]);
  const mailboxes = await mailboxesOf(sources, keys, entries);
  return keys.flatMap((key, index) => {
    const [entry, job] = [entries[index] ?? null, places[index] ?? null];
    if (!entry && !job) return [];
    const {
      at = null,
      receivedAt = null,
      queuedAt = null,
      preparedAt = null,
      ...facts
    } = entry ?? {};
    const times = {
      at: rfc3339(at),
      receivedAt: rfc3339(receivedAt),
      queuedAt: rfc3339(queuedAt),
      preparedAt: rfc3339(preparedAt),
    };
    const owner = mailboxes.get(key);
    const mailbox = owner ? { id: owner.mailboxId, label: owner.label } : null;
    return [{ key, mailbox, state: null, ...facts, ...times, job }];
  });
}

/** Whose the messages are, as the lists of their days tell. */
async function mailboxesOf(
  { index, mailboxes }: FindSources,
  keys: readonly string[],
  entries: readonly (LedgerEntry | null)[],
): Promise<Map<string, MailboxEntry>> {
  const owners = new Map<string, MailboxEntry>();
  if (!index) return owners;
  const byTag = new Map<string, MailboxEntry | null>();
  const byDay = Map.groupBy(keys, (_, n) => {
    const entry = entries[n];
    return entry ? Math.floor((entry.receivedAt ?? entry.at) / DAY_MS) : undefined;
  });
  for (const [day, own] of [...byDay].slice(0, LABELLED_DAYS)) {
    if (day === undefined) continue;
    const list = await index.listed(day * DAY_MS);
    for (const key of own) {
      const tag = list.get(key)?.mailbox;
      if (tag === undefined) continue;
      if (!byTag.has(tag)) byTag.set(tag, mailboxOf(mailboxes.current.entries, index, tag));
      const owner = byTag.get(tag);
      if (owner) owners.set(key, owner);
    }
  }
  return owners;
}
