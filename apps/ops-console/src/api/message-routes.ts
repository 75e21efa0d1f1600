import type { AnswerOf } from '@ms1/console-api';
import { DeliverRecord, IngestMessage, jobIdOf, type LedgerEntry } from '@ms1/contracts';
import type { Ledger } from '@ms1/ledger';
import type { LocateJobs, PayloadSealer } from '@ms1/queue';

import { ApiProblem } from './api-problem.ts';
import { rfc3339 } from './rfc3339.ts';
import { handle, reply } from './route.ts';

type Event = AnswerOf<'GET /messages/:key'>['timeline'][number];

export interface MessageSources {
  ledger: Pick<Ledger, 'known'>;
  locate: LocateJobs;
  queues: readonly { name: string; getJob(id: string): Promise<{ data: unknown } | undefined> }[];
  payloads: Pick<PayloadSealer, 'open'>;
}

/** `/api/messages/:key`: what became of one message, in its order */
export function messageRoutes({ ledger, locate, queues, payloads }: MessageSources) {
  return handle({
    async 'GET /messages/:key'({ params: { key } }) {
      const [[entry = null], [job = null]] = await Promise.all([
        ledger.known([key]),
        locate([key]),
      ]);
      if (!entry && !job) throw new ApiProblem({ title: 'There is no such message', status: 404 });
      const parts = queues.filter(({ name }) => name === job?.queue);
      const read = async () => {
        const found = await Promise.all(parts.map((queue) => queue.getJob(jobIdOf(key))));
        return payloads.open(jobIdOf(key), found.find((one) => one !== undefined)?.data);
      };
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
  });
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
