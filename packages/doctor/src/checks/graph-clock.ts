import { graphTenants } from '@ms1/graph-client';

import { askHttp, headerOf } from '../ask-http.ts';
import { type Check, NotCheckableError } from '../check.ts';
import { judgeDate, offsetByDate } from '../judge-clock.ts';
import { reasonOf } from '../reason-of.ts';

export const graphClock: Check = {
  name: 'graph.clock',
  about: "this machine's clock agrees with Graph's",
  async run({ settings, clock }) {
    // Every tenant's Graph keeps the same time.
    const [{ baseUrl } = { baseUrl: '' }] = graphTenants(settings.get('graph'));
    // Without a token: even a refusal carries the Date.
    const answer = await askHttp(new URL(`${baseUrl.replace(/\/+$/, '')}/subscriptions`), {
      timeoutMs: 10_000,
      clock,
    }).catch((error: unknown) => {
      throw new NotCheckableError(`Graph does not answer: ${reasonOf(error)}`, {
        remedy: 'let this machine reach the host of GRAPH_BASE_URL on port 443',
      });
    });
    const date = Date.parse(headerOf(answer, 'date'));
    if (Number.isNaN(date)) throw new NotCheckableError('Graph sends no Date header');
    return judgeDate("Graph's clock", offsetByDate(date, answer.sentAt, answer.receivedAt));
  },
};
