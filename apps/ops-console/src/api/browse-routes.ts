import type { AnswerOf } from '@ms1/console-api';
import type { Ledger, LookupIndex } from '@ms1/ledger';
import type { MailboxSnapshot } from '@ms1/mailboxes';
import type { Clock } from '@ms1/runtime';
import { z } from 'zod';

import { KeptDays } from '../mail/kept-days.ts';
import { mailboxOf } from '../mail/place-of-mail.ts';
import { type MailRow, walkMail } from '../mail/walk-mail.ts';
import { mailFor } from '../operations/mail-work.ts';
import type { Operation, OperationStore } from '../operations/operation-store.ts';
import { ApiProblem } from './api-problem.ts';
import { MATCHED_MAX, replyBegun, tooMany } from './operation-routes.ts';
import { fromCursor, toCursor } from './page.ts';
import { rfc3339 } from './rfc3339.ts';
import { type Asked, handle, reply } from './route.ts';

/** Messages looked at for one page: a fifth of a second of whoever asks, however few of them fit. */
const LOOKED_MAX = 10_000;
/** Messages looked at to say how many fit: some ten seconds of whoever asks. */
const COUNTED_MAX = 1_000_000;
const SAMPLES = 5;
const REASONS_MAX = 20;

/** Where a page goes on: after what was looked at last. */
const Looked = z.tuple([z.number(), z.string()]);

type Index = Pick<LookupIndex, 'listed' | 'tagOf'>;

export interface BrowseSources {
  mailboxes: { readonly current: Pick<MailboxSnapshot, 'entries'> };
  ledger: Pick<Ledger, 'known'>;
  /** null: mail is not listed */
  index: Index | null;
  operations: Pick<OperationStore, 'create'>;
  /** whether mail can be read from its mailbox again */
  canPutBack: boolean;
  clock: Clock;
}

type Query = Asked<'GET /messages'>['query'];

/** `/api/messages`: mail by mailbox, day, state, reason and session, the newest first, and what is done with all of it. */
export function browseRoutes(sources: BrowseSources) {
  const days = sources.index && new KeptDays(sources.index, sources.clock);
  return handle({
    async 'GET /messages'({ query }) {
      const index = needed(sources.index);
      const { rows, next } = await readPage(sources, needed(days), query);
      return reply(200, present(sources, index, rows), { next: next && toCursor(next) });
    },
    'POST /messages/replay': ({ body, caller }) =>
      act(sources, 'replay', { ...body, by: caller.subject }),
    'POST /messages/discard': ({ body, caller }) =>
      act(sources, 'discard', { ...body, by: caller.subject }),
    async 'POST /messages/put-back'({ body, caller }) {
      if (!sources.canPutBack) {
        throw new ApiProblem({
          type: 'no_credential',
          title:
            'This console has no access to the mailboxes: what was skipped is put back by ms1 replay',
          status: 409,
        });
      }
      return act(sources, 'put-back', { ...body, by: caller.subject });
    },
  });
}

function needed<T extends object>(listing: T | null): T {
  if (listing) return listing;
  throw new ApiProblem({
    type: 'lookup_off',
    title: 'Mail is not listed: set LOOKUP_KEY for processor and ops-console',
    status: 409,
  });
}

/** From the newest on, until a page is full, enough was looked at, or there is no more. */
async function readPage(
  { ledger, clock }: BrowseSources,
  days: KeptDays,
  { limit, cursor, ...filter }: Query,
): Promise<{ rows: MailRow[]; next?: [number, string] }> {
  const [at, key] = fromCursor(Looked, cursor) ?? [];
  const after = at === undefined || key === undefined ? undefined : { at, key };
  const rows: MailRow[] = [];
  let looked = 0;
  const index = after ? days.behind : days.first;
  for await (const some of walkMail({ ledger, index, clock }, filter, after)) {
    rows.push(...some.rows.slice(0, limit - rows.length));
    looked += some.looked;
    const full = rows.length === limit ? rows.at(-1)?.listed : undefined;
    if (full) return { rows, next: [full.at, full.key] };
    if (looked >= LOOKED_MAX) return { rows, next: [some.last.at, some.last.key] };
  }
  return { rows };
}

type Asking = Asked<'POST /messages/replay' | 'POST /messages/put-back'>['body'] & { by: string };

async function act(
  sources: BrowseSources,
  action: Operation['action'],
  { filter, dryRun, perSecond, reason = '', by }: Asking,
) {
  const index = needed(sources.index);
  const until = sources.clock.now();
  const counted = await count({ ...sources, index }, { action, mail: filter, until });
  const { matched } = counted;
  if (dryRun) {
    const samples = present(sources, index, counted.samples);
    const { reasons } = counted;
    return reply(200, { dryRun: true as const, action, matched, reasons, samples });
  }
  if (matched > MATCHED_MAX) throw tooMany();
  const request = { action, mail: filter, perSecond, reason, by, until, matched };
  return replyBegun(await sources.operations.create(request));
}

async function count(
  sources: BrowseSources & { index: Index },
  asked: Pick<Operation, 'action' | 'mail' | 'until'>,
) {
  const byReason = new Map<string | null, number>();
  const samples: MailRow[] = [];
  let [matched, looked] = [0, 0];
  for await (const some of mailFor(sources, asked)) {
    matched += some.rows.length;
    looked += some.looked;
    samples.push(...some.rows.slice(0, SAMPLES - samples.length));
    for (const { entry } of some.rows) {
      byReason.set(entry.reason, (byReason.get(entry.reason) ?? 0) + 1);
    }
    if (looked >= COUNTED_MAX) {
      throw new ApiProblem({
        type: 'too_wide',
        title: `More than ${COUNTED_MAX} messages to look at: say a mailbox or fewer days`,
        status: 409,
      });
    }
  }
  const reasons = [...byReason].map(([reason, of]) => ({ reason, count: of }));
  const frequent = reasons.toSorted((a, b) => b.count - a.count).slice(0, REASONS_MAX);
  return { matched, samples, reasons: frequent };
}

function present(
  { mailboxes }: BrowseSources,
  index: Index,
  rows: readonly MailRow[],
): AnswerOf<'GET /messages'> {
  const labels = new Map<string, { id: string; label: string } | null>();
  for (const tag of new Set(rows.map(({ listed }) => listed.mailbox))) {
    const mailbox = mailboxOf(mailboxes.current.entries, index, tag);
    labels.set(tag, mailbox && { id: mailbox.mailboxId, label: mailbox.label });
  }
  return rows.map(({ listed, entry }) => ({
    key: listed.key,
    mailbox: labels.get(listed.mailbox) ?? null,
    receivedAt: rfc3339(listed.at),
    state: entry.state,
    at: rfc3339(entry.at),
    reason: entry.reason,
    sessionId: entry.sessionId,
  }));
}
