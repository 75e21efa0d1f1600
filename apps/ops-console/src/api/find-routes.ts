import { messageKey } from '@ms1/contracts';
import type { Ledger, LookupIndex } from '@ms1/ledger';
import type { LocateJobs } from '@ms1/queue';
import type { Clock } from '@ms1/runtime';

import { ApiProblem } from './api-problem.ts';
import { rfc3339 } from './rfc3339.ts';
import { type Asked, handle, reply } from './route.ts';
import { describeSearch } from './searched.ts';

const DAY_MS = 24 * 3_600_000;
/** Days looked through when nobody says which: as long as the index is kept. */
const DAYS = 35;

type Find = Asked<'POST /find'>['body'];

export interface FindSources {
  mailboxes: { tenantOf(mailboxId: string): string | undefined };
  ledger: Pick<Ledger, 'known'>;
  locate: LocateJobs;
  /** null without LOOKUP_KEY: then only keys and message ids are found */
  index: Pick<LookupIndex, 'find'> | null;
  clock: Clock;
}

/**
 * `/api/find`: where is it? A POST, because who is looked for must not stand in an address that logs
 * keep; for the same reason the operator log keeps which fields were asked for and not what was in them.
 */
export function findRoutes(sources: FindSources) {
  return handle({
    async 'POST /find'({ body }) {
      const days = daysOf(sources, body);
      const all = await keysOf(sources, body, days);
      const keys = all.slice(body.offset, body.offset + body.limit);
      return reply(200, {
        total: all.length,
        messages: await present(sources, keys),
        searched: describeSearch(body, days),
      });
    },
  });
}

/** Between which days is looked; null where an id decides alone. */
function daysOf({ clock }: FindSources, query: Find): { from: number; to: number } | null {
  const { key, messageId, from, to } = query;
  if (key !== undefined || messageId !== undefined) return null;
  const now = clock.now();
  return {
    from: from === undefined ? now - DAYS * DAY_MS : Date.parse(from),
    to: to === undefined ? now + DAY_MS : Date.parse(to),
  };
}

async function keysOf(
  { mailboxes, index }: FindSources,
  query: Find,
  days: { from: number; to: number } | null,
): Promise<string[]> {
  const { key, mailboxId, messageId, internetMessageId, sender, subject } = query;
  if (key !== undefined) return [key];
  if (messageId !== undefined && mailboxId !== undefined) {
    const tenantId = mailboxes.tenantOf(mailboxId);
    return tenantId === undefined ? [] : [messageKey({ tenantId, mailboxId, messageId })];
  }
  if (!index) {
    throw new ApiProblem({
      type: 'lookup_off',
      title: 'Mail is not indexed: set LOOKUP_KEY for processor and ops-console',
      status: 409,
    });
  }
  return days ? index.find({ mailboxId, internetMessageId, sender, words: subject, ...days }) : [];
}

async function present({ ledger, locate }: FindSources, keys: readonly string[]) {
  const [entries, places] = await Promise.all([ledger.known(keys), locate(keys)]);
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
    return [{ key, state: null, ...facts, ...times, job }];
  });
}
