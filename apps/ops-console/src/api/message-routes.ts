import {
  DeliverRecord,
  IngestMessage,
  jobIdOf,
  type LedgerEntry,
  MESSAGE_STATES,
  MessageSource,
  QUEUES,
} from '@ms1/contracts';
import type { Ledger } from '@ms1/ledger';
import type { LocateJobs, PayloadSealer } from '@ms1/queue';
import { z } from 'zod';

import { ApiProblem } from './api-problem.ts';
import { rfc3339 } from './rfc3339.ts';
import { defineRoute, type Route, reply } from './route.ts';

const Event = z.object({
  at: z.string(),
  event: z.enum(['received', 'noticed', 'queued', 'prepared', 'delivered', 'skipped', 'dead']),
  source: MessageSource.optional().meta({ description: 'of noticed and queued: who noticed it' }),
  receipt: z.string().optional().meta({ description: "of delivered: MS4's" }),
  reason: z.string().optional().meta({ description: 'of skipped and dead' }),
});
type Event = z.infer<typeof Event>;

const Message = z
  .object({
    key: z.string(),
    state: z.enum(MESSAGE_STATES).nullable().meta({ description: 'null: only its job is known' }),
    sessionId: z.string().nullable(),
    job: z
      .object({ queue: z.enum(QUEUES), failed: z.boolean() })
      .nullable()
      .meta({ description: 'where its job is; failed: it is a dead letter there' }),
    timeline: z.array(Event),
  })
  .meta({ id: 'Message' });

export interface MessageSources {
  ledger: Pick<Ledger, 'known'>;
  locate: LocateJobs;
  queues: readonly { name: string; getJob(id: string): Promise<{ data: unknown } | undefined> }[];
  payloads: Pick<PayloadSealer, 'open'>;
}

const MessageParams = z.strictObject({ key: z.string().regex(/^[\w-]{22}$/) });

/** `/api/messages/:key`: what became of one message, in its order */
export function messageRoutes({ ledger, locate, queues, payloads }: MessageSources): Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/messages/:key',
      tag: 'messages',
      summary: 'The timeline of one message: received, noticed, queued, prepared, and how it ended',
      description:
        'Known for as long as the ledger keeps it. When it was noticed is told apart from when it was queued while its first job is there.',
      policy: 'reader',
      params: MessageParams,
      problems: [404],
      responses: { 200: Message },
      async handle({ params: { key } }) {
        const [[entry = null], [job = null]] = await Promise.all([
          ledger.known([key]),
          locate([key]),
        ]);
        if (!entry && !job) {
          throw new ApiProblem({ title: 'There is no such message', status: 404 });
        }
        const queue = queues.find(({ name }) => name === job?.queue);
        const read = async () =>
          payloads.open(jobIdOf(key), (await queue?.getJob(jobIdOf(key)))?.data);
        // What is stored may be unreadable, or sealed by a key that is not here: then the ledger alone tells.
        const data = await read().catch(() => undefined);
        const timeline = [...eventsOfJob(data, entry), ...(entry ? eventsOf(entry) : [])];
        return reply(200, {
          key,
          state: entry?.state ?? null,
          sessionId: entry?.sessionId ?? null,
          job,
          timeline: timeline.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at)),
        });
      },
    }),
  ];
}

/** Times only: what else is in a job is nobody's to see here. */
function eventsOfJob(data: unknown, entry: LedgerEntry | null): Event[] {
  const announced = IngestMessage.safeParse(data).data;
  const receivedAt =
    rfc3339(entry?.receivedAt ?? null) ??
    announced?.metadata?.receivedAt ??
    DeliverRecord.safeParse(data).data?.record.receivedAt;
  return [
    ...(receivedAt ? [{ at: receivedAt, event: 'received' as const }] : []),
    ...(announced
      ? [{ at: announced.noticedAt, event: 'noticed' as const, source: announced.source }]
      : []),
  ];
}

function eventsOf({ state, at, source, reason, receipt, queuedAt, preparedAt }: LedgerEntry) {
  const events: Event[] = [];
  if (queuedAt !== null) {
    events.push({ at: rfc3339(queuedAt), event: 'queued', ...(source && { source }) });
  }
  if (preparedAt !== null) events.push({ at: rfc3339(preparedAt), event: 'prepared' });
  if (state === 'delivered' || state === 'skipped' || state === 'dead') {
    const why = { ...(reason && { reason }), ...(receipt && { receipt }) };
    events.push({ at: rfc3339(at), event: state, ...why });
  }
  return events;
}
