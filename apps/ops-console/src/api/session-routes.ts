import {
  type Session,
  SessionConflictError,
  SessionNotFoundError,
  SessionStatusError,
} from '@ms1/store';
import { z } from 'zod';

import type { SessionService } from '../sessions/session-service.ts';
import { ApiProblem } from './api-problem.ts';
import { defineRoute, NoInput, type Route } from './route.ts';

const Moment = z.iso.datetime({ offset: true });

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

const Page = z.strictObject({
  limit: z.coerce.number().int().min(1).max(500).default(100),
  offset: z.coerce.number().int().min(0).default(0),
});

/** `/api/sessions` */
export function sessionRoutes(sessions: SessionService): Route[] {
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
    defineRoute({
      method: 'post',
      path: '/sessions/:id/close',
      policy: 'operator',
      input: NoInput,
      handle: async ({ params }) => answer(await sessions.close(params['id'] ?? '').catch(refuse)),
    }),
    defineRoute({
      method: 'post',
      path: '/sessions/:id/cancel',
      policy: 'operator',
      input: NoInput,
      handle: async ({ params }) => answer(await sessions.cancel(params['id'] ?? '').catch(refuse)),
    }),
  ];
}

function answer(session: Session | null): { status: number; body: unknown } {
  if (!session) throw new ApiProblem({ title: 'There is no such session', status: 404 });
  return { status: 200, body: present(session) };
}

/** Times as RFC 3339, as everywhere in the API. */
function present(session: Session): object {
  return {
    ...session,
    createdAt: rfc3339(session.createdAt),
    closedAt: rfc3339(session.closedAt),
    finishedAt: rfc3339(session.finishedAt),
  };
}

function rfc3339(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}

function refuseUnknown(positions: readonly number[]): void {
  if (positions.length === 0) return;
  throw new ApiProblem({
    title: 'A mailbox is not configured',
    status: 400,
    errors: positions.map((position) => ({ pointer: `/mailboxes/${position}`, code: 'unknown' })),
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
