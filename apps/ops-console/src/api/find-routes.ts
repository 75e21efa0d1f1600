import { MESSAGE_STATES, MessageSource, messageKey, QUEUES } from '@ms1/contracts';
import type { Ledger, LookupIndex } from '@ms1/ledger';
import type { LocateJobs } from '@ms1/queue';
import type { Clock } from '@ms1/runtime';
import { z } from 'zod';

import { ApiProblem } from './api-problem.ts';
import { Moment } from './page.ts';
import { rfc3339 } from './rfc3339.ts';
import { defineRoute, type Route, reply } from './route.ts';
import { describeSearch, Searched } from './searched.ts';

const DAY_MS = 24 * 3_600_000;
/** Days looked through when nobody says which: as long as the index is kept. */
const DAYS = 35;

const Find = z
  .strictObject({
    key: z
      .string()
      .regex(/^[\w-]{22}$/)
      .optional(),
    mailboxId: z.guid().optional(),
    /** Graph's immutable id; needs the mailbox */
    messageId: z.string().min(1).max(512).optional(),
    internetMessageId: z.string().min(1).max(998).optional(),
    sender: z.string().min(1).max(320).optional(),
    subject: z.string().min(1).max(255).optional(),
    from: Moment.optional(),
    to: Moment.optional(),
    limit: z.number().int().min(1).max(500).default(100),
    offset: z.number().int().min(0).default(0),
  })
  .refine(({ key, mailboxId, internetMessageId, sender, subject }) =>
    Boolean(key ?? mailboxId ?? internetMessageId ?? sender ?? subject),
  )
  .refine(({ messageId, mailboxId }) => messageId === undefined || mailboxId !== undefined, {
    path: ['mailboxId'],
    message: 'say whose message it is',
  })
  .meta({ id: 'Find' });
type Find = z.infer<typeof Find>;

export interface FindSources {
  mailboxes: { tenantOf(mailboxId: string): string | undefined };
  ledger: Pick<Ledger, 'known'>;
  locate: LocateJobs;
  /** null without LOOKUP_KEY: then only keys and message ids are found */
  index: Pick<LookupIndex, 'find'> | null;
  clock: Clock;
}

/** One message, and where it is. */
const FoundMessage = z
  .object({
    key: z.string(),
    state: z
      .enum(MESSAGE_STATES)
      .nullable()
      .meta({ description: 'null: the ledger does not know it' }),
    at: z.string().nullable(),
    receivedAt: z.string().nullable().meta({ description: 'by Exchange' }),
    queuedAt: z.string().nullable(),
    preparedAt: z.string().nullable(),
    sessionId: z.string().nullable().optional(),
    source: MessageSource.nullable().optional(),
    reason: z.string().nullable().optional(),
    receipt: z.string().nullable().optional(),
    job: z.object({ queue: z.enum(QUEUES), failed: z.boolean() }).nullable(),
  })
  .meta({ id: 'FoundMessage' });
type FoundMessage = z.infer<typeof FoundMessage>;

/**
 * `/api/find`: where is it? A POST, because who is looked for must not stand in an address that logs
 * keep; for the same reason the operator log keeps which fields were asked for and not what was in them.
 */
export function findRoutes(sources: FindSources): Route[] {
  return [
    defineRoute({
      method: 'post',
      path: '/find',
      tag: 'messages',
      summary: 'Where is it? By key, Graph id, Message-ID, sender, subject or day',
      policy: 'operator',
      reads: true,
      body: Find,
      logged: (input) => ({ fields: Object.keys(input as object) }),
      responses: {
        200: z.object({
          total: z.int(),
          messages: z.array(FoundMessage),
          searched: Searched,
        }),
      },
      async handle({ body }) {
        const days = daysOf(sources, body);
        const all = await keysOf(sources, body, days);
        const keys = all.slice(body.offset, body.offset + body.limit);
        return reply(200, {
          total: all.length,
          messages: await present(sources, keys),
          searched: describeSearch(body, days),
        });
      },
    }),
  ];
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
  return days ? index.find({ mailboxId, internetMessageId, sender, subject, ...days }) : [];
}

async function present(
  { ledger, locate }: FindSources,
  keys: readonly string[],
): Promise<FoundMessage[]> {
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
