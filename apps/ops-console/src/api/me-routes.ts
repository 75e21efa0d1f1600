import { z } from 'zod';

import { ROLES } from '../auth/caller.ts';
import { defineRoute, type Route, reply } from './route.ts';

const Me = z
  .object({ role: z.enum(ROLES), by: z.enum(['token', 'oidc', 'password']) })
  .meta({ id: 'Me' });

/** `/api/me`: who the console takes its caller for, so that a page offers what they may do and no more. */
export function meRoutes(): Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/me',
      tag: 'status',
      summary: 'Who the console takes you for',
      policy: 'reader',
      responses: { 200: Me },
      handle: async ({ caller: { role, by } }) => reply(200, { role, by }),
    }),
  ];
}
