import {
  type Session,
  SessionConflictError,
  SessionNotFoundError,
  SessionStatusError,
} from '@ms1/ledger';
import { z } from 'zod';

import { auditReport } from '../audits/audit-report.ts';
import type { AuditService } from '../audits/audit-service.ts';
import type { SessionRates } from '../sessions/session-rates.ts';
import type { SessionService } from '../sessions/session-service.ts';
import { ApiProblem } from './api-problem.ts';
import { Format, replyOf } from './audit-routes.ts';
import { AuditView } from './audit-view.ts';
import { beforeOf, Moment, nextOf, OffsetPage } from './page.ts';
import { refuseUnknown } from './refuse-unknown.ts';
import { defineRoute, IdParams, type Route, reply } from './route.ts';
import { SessionView, viewSession } from './session-view.ts';

const CreateSession = z
  .strictObject({
    name: z.string().trim().min(1).max(100),
    mailboxes: z.union([z.literal('all'), z.array(z.guid()).min(1).max(10_000)]).default('all'),
    from: Moment.nullable().default(null),
    to: Moment.nullable().default(null),
  })
  .refine(({ from, to }) => !from || !to || Date.parse(from) < Date.parse(to), {
    path: ['to'],
    message: 'must be after from',
  })
  .meta({ id: 'CreateSession' });

/** With `repair` only what is unexplained in the session's window runs again. */
const AuditSession = z
  .strictObject({ repair: z.boolean().default(false) })
  .meta({ id: 'AuditSession' });

const STEPS = {
  close: 'Ends its window now and has every folder listed',
  cancel: 'Ends it without listing; what is on the queues goes on by itself',
  pause: 'Has its listing rest',
  resume: 'Goes on where it was paused or cancelled',
} as const;

/** `/api/sessions` */
export function sessionRoutes(
  sessions: SessionService,
  audits: AuditService,
  rates: Pick<SessionRates, 'rateOf'>,
): Route[] {
  const present = (session: Session): SessionView => viewSession(session, rates.rateOf(session));
  const answer = (session: Session | null) => {
    if (!session) throw new ApiProblem({ title: 'There is no such session', status: 404 });
    return reply(200, present(session));
  };
  return [
    defineRoute({
      method: 'post',
      path: '/sessions',
      tag: 'sessions',
      summary: 'Opens a session, or answers with the one that is open with the same contents',
      policy: 'operator',
      body: CreateSession,
      responses: { 200: SessionView, 201: SessionView },
      async handle({ body }) {
        refuseUnknown(sessions.unknown(body.mailboxes));
        const { session, created } = await sessions.create(body).catch(refuse);
        const location = `/api/sessions/${session.id}`;
        return reply(created ? 201 : 200, present(session), { location });
      },
    }),
    defineRoute({
      method: 'get',
      path: '/sessions',
      tag: 'sessions',
      summary: 'Sessions, the latest first',
      policy: 'reader',
      query: OffsetPage,
      responses: { 200: z.array(SessionView) },
      async handle({ query: { limit, offset, cursor } }) {
        const page = await sessions.list({ limit, offset, before: beforeOf(cursor) });
        return reply(200, page.map(present), { next: nextOf(page, limit) });
      },
    }),
    defineRoute({
      method: 'get',
      path: '/sessions/:id',
      tag: 'sessions',
      summary: 'One session, with its progress and rate',
      policy: 'reader',
      params: IdParams,
      problems: [404],
      responses: { 200: SessionView },
      handle: async ({ params }) => answer(await sessions.get(params.id)),
    }),
    ...(['close', 'cancel', 'pause', 'resume'] as const).map((step) =>
      defineRoute({
        method: 'post',
        path: `/sessions/:id/${step}`,
        tag: 'sessions',
        summary: STEPS[step],
        policy: 'operator',
        params: IdParams,
        problems: [404],
        responses: { 200: SessionView },
        handle: async ({ params }) => answer(await sessions[step](params.id).catch(refuse)),
      }),
    ),
    defineRoute({
      method: 'get',
      path: '/sessions/:id/report',
      tag: 'sessions',
      summary: 'Its report, which is an audit of its window',
      policy: 'reader',
      params: IdParams,
      query: Format,
      text: 'text/plain',
      problems: [404],
      responses: { 200: AuditView },
      handle: async ({ params, query }) => replyOf(await audits.reportOf(params.id), query),
    }),
    defineRoute({
      method: 'post',
      path: '/sessions/:id/audit',
      tag: 'sessions',
      summary: 'Audits its window again',
      policy: 'operator',
      params: IdParams,
      body: AuditSession,
      problems: [404],
      responses: { 202: AuditView },
      async handle({ params, body: { repair } }) {
        const session = await sessions.get(params.id);
        if (!session) throw new ApiProblem({ title: 'There is no such session', status: 404 });
        const audit = await audits.ofSession(session, repair);
        return reply(202, auditReport(audit), { location: `/api/audits/${audit.id}` });
      },
    }),
  ];
}

function refuse(error: unknown): never {
  if (error instanceof SessionNotFoundError) {
    throw new ApiProblem({ title: 'There is no such session', status: 404 });
  }
  if (error instanceof SessionConflictError || error instanceof SessionStatusError) {
    throw new ApiProblem({ type: error.code, title: error.message, status: 409 });
  }
  throw error;
}
