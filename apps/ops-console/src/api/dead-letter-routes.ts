import { QUEUES } from '@ms1/contracts';
import type { DeadLetter, DeadLetterGroup, DeadLetters } from '@ms1/queue';
import type { Clock } from '@ms1/runtime';
import { z } from 'zod';
import type { Caller } from '../auth/caller.ts';
import { adviceOf } from '../dead-letters/advice-of.ts';
import type { Triage, TriageStore } from '../dead-letters/triage-store.ts';
import type { Operation, OperationStore } from '../operations/operation-store.ts';

import { MATCHED_MAX, replyBegun, tooMany } from './operation-routes.ts';
import { fromCursor, toCursor } from './page.ts';
import { rfc3339 } from './rfc3339.ts';
import { type Asked, handle, reply } from './route.ts';

/** The last letter of a page: its queue, when it died, its key. */
const Position = z.tuple([z.enum([QUEUES.inbound, QUEUES.outbound]), z.number(), z.string()]);

export interface DeadLetterSources {
  letters: Pick<DeadLetters, 'scan' | 'groups'>;
  operations: Pick<OperationStore, 'create'>;
  triage: Pick<TriageStore, 'readMany' | 'change'>;
  clock: Clock;
}

/** `/api/dead-letters` */
export function deadLetterRoutes(sources: DeadLetterSources) {
  const { letters } = sources;
  return handle({
    'GET /dead-letters/groups': async ({ query }) =>
      reply(200, await present(sources, await letters.groups(query))),
    async 'PATCH /dead-letters/groups/:id'({ params, body: { snoozedUntil, ...said } }) {
      const until = typeof snoozedUntil === 'string' ? Date.parse(snoozedUntil) : snoozedUntil;
      const triage = await sources.triage.change(params.id, { ...said, snoozedUntil: until });
      const [group] = await letters.groups({ fingerprint: params.id });
      return reply(200, presentTriage(triage, group?.lastAt));
    },
    async 'GET /dead-letters'({ query: { limit, offset, cursor, ...which } }) {
      const [stage, failedAt, key] = fromCursor(Position, cursor) ?? [];
      const after = stage && failedAt !== undefined && key ? { stage, failedAt, key } : undefined;
      const page = await take(letters.scan(which, after), offset, limit);
      const last = page.length === limit ? page.at(-1) : undefined;
      return reply(200, page.map(presentLetter), {
        next: last && toCursor([last.stage, last.failedAt, last.key]),
      });
    },
    'POST /dead-letters/replay': ({ body, caller }) => clear(sources, 'replay', body, caller),
    'POST /dead-letters/discard': ({ body, caller }) => clear(sources, 'discard', body, caller),
  });
}

async function clear(
  sources: DeadLetterSources,
  action: 'replay' | 'discard',
  { dryRun, perSecond, reason = '', ...filtered }: Asked<'POST /dead-letters/replay'>['body'],
  { subject: by }: Pick<Caller, 'subject'>,
) {
  const { letters, operations, triage, clock } = sources;
  const until = clock.now();
  const which = told(filtered);
  const groups = await letters.groups({ ...which, until });
  const matched = groups.reduce((sum, { count }) => sum + count, 0);
  if (dryRun) {
    const shown = await present(sources, groups);
    return reply(200, { dryRun: true as const, action, matched, groups: shown });
  }
  if (matched > MATCHED_MAX) throw tooMany();
  const request = { action, letters: which, perSecond, reason, by, until, matched };
  const operation = await operations.create(request);
  if (action === 'replay') {
    const replayed = groups.map(({ fingerprint }) => fingerprint);
    await Promise.all(replayed.map((one) => triage.change(one, { replayedAt: until })));
  }
  return replyBegun(operation);
}

/** Without what was not told. */
function told({ stage, fingerprint, key }: NonNullable<Operation['letters']>) {
  return { ...(stage && { stage }), ...(fingerprint && { fingerprint }), ...(key && { key }) };
}

async function take<T>(from: AsyncIterable<T>, offset: number, limit: number): Promise<T[]> {
  const taken: T[] = [];
  let index = 0;
  for await (const one of from) {
    if (index >= offset) taken.push(one);
    index += 1;
    if (taken.length >= limit) break;
  }
  return taken;
}

async function present({ triage }: DeadLetterSources, groups: readonly DeadLetterGroup[]) {
  const said = await triage.readMany(groups.map(({ fingerprint }) => fingerprint));
  return groups.map(({ firstAt, lastAt, sample, ...group }, index) => {
    const known = said[index];
    return {
      ...group,
      firstAt: rfc3339(firstAt),
      lastAt: rfc3339(lastAt),
      sample: presentLetter(sample),
      advice: adviceOf(group.stage, group.cause),
      triage: known ? presentTriage(known, lastAt) : null,
    };
  });
}

/** @param lastAt when the last letter of the group died; undefined: it has none */
function presentTriage({ snoozedUntil, replayedAt, at, ...said }: Triage, lastAt = 0) {
  return {
    ...said,
    snoozedUntil: rfc3339(snoozedUntil),
    replayedAt: rfc3339(replayedAt),
    grewAfterReplay: replayedAt !== null && lastAt > replayedAt,
    at: rfc3339(at),
  };
}

function presentLetter({ createdAt, failedAt, ...letter }: DeadLetter) {
  return { ...letter, createdAt: rfc3339(createdAt), failedAt: rfc3339(failedAt) };
}
