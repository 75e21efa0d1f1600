import {
  type Session,
  SessionConflictError,
  SessionNotFoundError,
  SessionStatusError,
} from '@ms1/store';
import { z } from 'zod';

import type { AuditService } from '../audits/audit-service.ts';
import type { SessionRates } from '../sessions/session-rates.ts';
import type { SessionService } from '../sessions/session-service.ts';
import { ApiProblem } from './api-problem.ts';
import { Format, replyOf } from './audit-routes.ts';
import { Moment, Page } from './page.ts';
import { refuseUnknown } from './refuse-unknown.ts';
import { rfc3339 } from './rfc3339.ts';
import { defineRoute, NoInput, type Reply, type Route } from './route.ts';

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
  });

/** With `repair` only what is unexplained in the session's window runs again. */
const AuditSession = z.strictObject({ repair: z.boolean().default(false) });

/** `/api/sessions` */
export function sessionRoutes(
  sessions: SessionService,
  audits: AuditService,
  rates: Pick<SessionRates, 'rateOf'>,
): Route[] {
  const present = (session: Session): object => ({
    ...session,
    rate: rates.rateOf(session),
    createdAt: rfc3339(session.createdAt),
    closedAt: rfc3339(session.closedAt),
    finishedAt: rfc3339(session.finishedAt),
  });
  const answer = (session: Session | null): Reply => {
    if (!session) throw new ApiProblem({ title: 'There is no such session', status: 404 });
    return { status: 200, body: present(session) };
  };
  return [
    defineRoute({
      method: 'post',
      path: '/sessions',
      policy: 'operator',
      input: CreateSession,
      async handle({ input }) {
        refuseUnknown(sessions.unknown(input.mailboxes));
        const { session, created } = await sessions.create(input).catch(refuse);
        return {
          status: created ? 201 : 200,
          body: present(session),
          location: `/api/sessions/${session.id}`,
        };
      },
    }),
    defineRoute({
      method: 'get',
      path: '/sessions',
      policy: 'reader',
      input: Page,
      handle: async ({ input }) => ({
        status: 200,
        body: (await sessions.list(input)).map(present),
      }),
    }),
    defineRoute({
      method: 'get',
      path: '/sessions/:id',
      policy: 'reader',
      input: NoInput,
      handle: async ({ params }) => answer(await sessions.get(params['id'] ?? '')),
    }),
    ...(['close', 'cancel', 'pause', 'resume'] as const).map((step) =>
      defineRoute({
        method: 'post',
        path: `/sessions/:id/${step}`,
        policy: 'operator',
        input: NoInput,
        handle: async ({ params }) =>
          answer(await sessions[step](params['id'] ?? '').catch(refuse)),
      }),
    ),
    defineRoute({
      method: 'get',
      path: '/sessions/:id/report',
      policy: 'reader',
      input: Format,
      handle: async ({ params, input }) =>
        replyOf(await audits.reportOf(params['id'] ?? ''), input),
    }),
    defineRoute({
      method: 'post',
      path: '/sessions/:id/audit',
      policy: 'operator',
      input: AuditSession,
      async handle({ params, input: { repair } }) {
        const session = await sessions.get(params['id'] ?? '');
        if (!session) throw new ApiProblem({ title: 'There is no such session', status: 404 });
        const audit = await audits.ofSession(session, repair);
        return { ...replyOf(audit), status: 202, location: `/api/audits/${audit.id}` };
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
