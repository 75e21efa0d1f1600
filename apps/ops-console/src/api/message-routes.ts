import type { AnswerOf } from '@ms1/console-api';
import { DeliverRecord, IngestMessage, type LedgerEntry } from '@ms1/contracts';
import type { MailboxSnapshot } from '@ms1/mailboxes';

import { jobData } from '../mail/job-data.ts';
import { type PlaceSources, placeOfMail } from '../mail/place-of-mail.ts';

import { ApiProblem } from './api-problem.ts';
import { rfc3339 } from './rfc3339.ts';
import { handle, reply } from './route.ts';

type Event = AnswerOf<'GET /messages/:key'>['timeline'][number];

export interface MessageSources extends PlaceSources {
  mailboxes: { readonly current: Pick<MailboxSnapshot, 'entries' | 'get'> };
}

/** `/api/messages/:key`: what became of one message, in its order */
export function messageRoutes(sources: MessageSources) {
  const { ledger, locate, mailboxes } = sources;
  return handle({
    async 'GET /messages/:key'({ params: { key } }) {
      const [[entry = null], [job = null]] = await Promise.all([
        ledger.known([key]),
        locate([key]),
      ]);
      if (!entry && !job) throw new ApiProblem({ title: 'There is no such message', status: 404 });
      const data = await jobData(sources, key, job);
      const place = await placeOfMail(sources, key);
      const mailbox = place && mailboxes.current.get(place.mailboxId);
      const timeline = [...eventsOfJob(data, entry), ...(entry ? eventsOf(entry) : [])];
      return reply(200, {
        key,
        state: entry?.state ?? null,
        sessionId: entry?.sessionId ?? null,
        mailbox: mailbox ? { id: mailbox.mailboxId, label: mailbox.label } : null,
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
