import { z } from 'zod';

import { ForgetAccount } from '../forgetting/forget-account.ts';
import type { ForgetService } from '../forgetting/forget-service.ts';
import { tagOf } from '../forgetting/person.ts';
import { ApiProblem } from './api-problem.ts';
import { defineRoute, IdParams, type Route, reply } from './route.ts';

const Forget = z
  .strictObject({
    who: z.string().trim().min(3).max(320).meta({
      description: 'an address, the object id of a mailbox, or what the directory calls it',
    }),
    dryRun: z
      .boolean()
      .default(true)
      .meta({ description: 'only looks; nothing happens unless this is false' }),
    reason: z.string().trim().min(1).max(200).optional().meta({
      description: 'for the operator log: a case number, not a name',
    }),
  })
  .refine(({ dryRun, reason }) => dryRun || reason !== undefined, {
    path: ['reason'],
    message: 'say why',
  })
  .meta({ id: 'Forget' });

/** `/api/forget`: what is kept of a person or a mailbox is removed. A POST, because whom must not stand in an address. */
export function forgetRoutes(service: Pick<ForgetService, 'begin' | 'get'>): Route[] {
  return [
    defineRoute({
      method: 'post',
      path: '/forget',
      tag: 'personal data',
      summary: 'Removes what is kept of an address or a mailbox, or looks what that is',
      description:
        'From jobs, dead letters, event streams and the lookup index. What waits is not lost: it is read from the mailbox again.',
      policy: 'admin',
      body: Forget,
      logged: (input) => {
        const { who, ...rest } = input as z.infer<typeof Forget>;
        return { who: tagOf(who), ...rest };
      },
      problems: [404, 409],
      responses: { 202: ForgetAccount },
      async handle({ body: { who, dryRun, reason = '' } }) {
        const begun = await service.begin(who, { dryRun, reason });
        if (begun === null) {
          throw new ApiProblem({
            type: 'nobody',
            title: 'That is neither an address nor a mailbox that was ever watched',
            status: 404,
          });
        }
        if (begun === 'busy') {
          throw new ApiProblem({
            type: 'forget_running',
            title: 'This console is at one already: wait until it is done',
            status: 409,
          });
        }
        return reply(202, begun, { location: `/api/forget/${begun.id}` });
      },
    }),
    defineRoute({
      method: 'get',
      path: '/forget/:id',
      tag: 'personal data',
      summary: 'How far a removal is, and what it found, removed and left',
      // It names nobody, and its message keys are seen elsewhere too.
      policy: 'reader',
      params: IdParams,
      problems: [404],
      responses: { 200: ForgetAccount },
      async handle({ params }) {
        const account = await service.get(params.id);
        if (!account) throw new ApiProblem({ title: 'There is no such removal', status: 404 });
        return reply(200, account);
      },
    }),
  ];
}
