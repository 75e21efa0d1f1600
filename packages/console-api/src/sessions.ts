import { z } from 'zod';

import { Audit, Format } from './audits.ts';
import { Count, type Endpoints, IdParams, OffsetPage, StateCounts, window } from './endpoint.ts';

const Session = z
  .object({
    id: z.string(),
    name: z.string(),
    mailboxes: z.array(z.string()),
    from: z.string().nullable(),
    to: z.string().nullable(),
    status: z.enum(['open', 'closing', 'finished', 'incomplete', 'cancelled']),
    paused: z.boolean(),
    createdAt: z.string(),
    closedAt: z.string().nullable(),
    finishedAt: z.string().nullable(),
    counts: StateCounts,
    reasons: z
      .record(z.string(), Count)
      .meta({ description: 'by `skipped:<why>` and `dead:<why>`' }),
    found: Count,
    requeued: Count,
    missing: Count.meta({ description: 'counted by Graph in its window and not listed' }),
    scans: z.object({ done: Count, total: Count }),
    rate: z.object({
      perSecond: z.number(),
      etaSeconds: z.number().nullable(),
      limitedBy: z.enum(['graph', 'pipeline']).nullable(),
    }),
  })
  .meta({ id: 'Session' });

const CreateSession = z
  .strictObject({ name: z.string().trim().min(1).max(100), ...window })
  .refine(({ from, to }) => !from || !to || Date.parse(from) < Date.parse(to), {
    path: ['to'],
    message: 'must be after from',
  })
  .meta({ id: 'CreateSession' });

/** With `repair` only what is unexplained in the session's window runs again. */
const AuditSession = z
  .strictObject({ repair: z.boolean().default(false) })
  .meta({ id: 'AuditSession' });

const tag = 'sessions';
const step = (summary: string) =>
  ({
    tag,
    summary,
    policy: 'operator',
    params: IdParams,
    problems: [404],
    responses: { 200: Session },
  }) as const;

export const sessions = {
  'POST /sessions': {
    tag,
    summary: 'Opens a session, or answers with the one that is open with the same contents',
    policy: 'operator',
    body: CreateSession,
    responses: { 200: Session, 201: Session },
  },
  'GET /sessions': {
    tag,
    summary: 'Sessions, the latest first',
    policy: 'reader',
    query: OffsetPage,
    responses: { 200: z.array(Session) },
  },
  'GET /sessions/:id': {
    tag,
    summary: 'One session, with its progress and rate',
    policy: 'reader',
    params: IdParams,
    problems: [404],
    responses: { 200: Session },
  },
  'POST /sessions/:id/close': step('Ends its window now and lists every folder'),
  'POST /sessions/:id/cancel': step(
    'Ends it without listing; what is on the queues goes on by itself',
  ),
  'POST /sessions/:id/pause': step('Stops its listing until it is resumed'),
  'POST /sessions/:id/resume': step('Continues a paused or cancelled session'),
  'GET /sessions/:id/report': {
    tag,
    summary: 'Its report, which is an audit of its window',
    policy: 'reader',
    params: IdParams,
    query: Format,
    text: 'text/plain',
    problems: [404],
    responses: { 200: Audit },
  },
  'POST /sessions/:id/audit': {
    tag,
    summary: 'Audits its window again',
    policy: 'operator',
    params: IdParams,
    body: AuditSession,
    problems: [404],
    responses: { 202: Audit },
  },
} as const satisfies Endpoints;
