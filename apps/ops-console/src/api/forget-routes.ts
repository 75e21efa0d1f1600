import type { ForgetService } from '../forgetting/forget-service.ts';
import { ApiProblem } from './api-problem.ts';
import { handle, reply } from './route.ts';

/** `/api/forget`: what is kept of a person or a mailbox is removed. A POST, because whom must not stand in an address. */
export function forgetRoutes(service: Pick<ForgetService, 'begin' | 'get'>) {
  return handle({
    async 'POST /forget'({ body: { who, dryRun, reason = '' } }) {
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
          title: 'This console is already removing somebody: wait until that is done',
          status: 409,
        });
      }
      return reply(202, begun, { location: `/api/forget/${begun.id}` });
    },
    async 'GET /forget/:id'({ params }) {
      const account = await service.get(params.id);
      if (!account) throw new ApiProblem({ title: 'There is no such removal', status: 404 });
      return reply(200, account);
    },
  });
}
