import type { AnswerOf } from '@ms1/console-api';
import {
  type Session,
  SessionConflictError,
  SessionNotFoundError,
  SessionStatusError,
} from '@ms1/ledger';

import { auditReport } from '../audits/audit-report.ts';
import type { AuditService } from '../audits/audit-service.ts';
import type { ComparedSession } from '../sessions/compare-sessions.ts';
import type { SessionRates } from '../sessions/session-rates.ts';
import type { SessionService } from '../sessions/session-service.ts';
import { ApiProblem } from './api-problem.ts';
import { replyOf } from './audit-routes.ts';
import { beforeOf, nextOf } from './page.ts';
import { refuseUnknown } from './refuse-unknown.ts';
import { rfc3339 } from './rfc3339.ts';
import { handle, reply } from './route.ts';

/** `/api/sessions` */
export function sessionRoutes(
  sessions: SessionService,
  audits: AuditService,
  rates: Pick<SessionRates, 'rateOf'>,
  compared: (id: string) => Promise<ComparedSession | null>,
) {
  const present = (session: Session): AnswerOf<'GET /sessions/:id'> => ({
    ...session,
    rate: rates.rateOf(session),
    createdAt: rfc3339(session.createdAt),
    closedAt: rfc3339(session.closedAt),
    finishedAt: rfc3339(session.finishedAt),
  });
  const existing = (session: Session | null): Session => {
    if (!session) throw new ApiProblem({ title: 'There is no such session', status: 404 });
    return session;
  };
  const step =
    (name: 'close' | 'cancel' | 'pause' | 'resume') =>
    async ({ params }: { params: { id: string } }) =>
      reply(200, present(existing(await sessions[name](params.id).catch(refuse))));
  return handle({
    async 'POST /sessions'({ body }) {
      refuseUnknown(sessions.unknown(body.mailboxes));
      const { session, created } = await sessions.create(body).catch(refuse);
      const location = `/api/sessions/${session.id}`;
      return reply(created ? 201 : 200, present(session), { location });
    },
    async 'GET /sessions'({ query: { limit, offset, cursor } }) {
      const page = await sessions.list({ limit, offset, before: beforeOf(cursor) });
      return reply(200, page.map(present), { next: nextOf(page, limit) });
    },
    async 'GET /sessions/compare'({ query: { ids } }) {
      const each = await Promise.all([...new Set(ids.split(','))].map(compared));
      const found = each.filter((one) => one !== null);
      if (found.length < each.length) {
        throw new ApiProblem({ title: 'There is no such session', status: 404 });
      }
      return reply(200, found);
    },
    'GET /sessions/:id': async ({ params }) =>
      reply(200, present(existing(await sessions.get(params.id)))),
    'POST /sessions/:id/close': step('close'),
    'POST /sessions/:id/cancel': step('cancel'),
    'POST /sessions/:id/pause': step('pause'),
    'POST /sessions/:id/resume': step('resume'),
    'GET /sessions/:id/report': async ({ params, query }) =>
      replyOf(await audits.reportOf(params.id), query),
    async 'POST /sessions/:id/audit'({ params, body: { repair } }) {
      const audit = await audits.ofSession(existing(await sessions.get(params.id)), repair);
      return reply(202, auditReport(audit), { location: `/api/audits/${audit.id}` });
    },
  });
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
