import { expect, test } from '@jest/globals';
import { GraphPermits } from '@ms1/coordination';
import { GraphClients, graphTenants, MailboxGovernor } from '@ms1/graph-client';
import { systemClock } from '@ms1/runtime';
import { until } from '@ms1/testkit';

import { PDF } from './announced-mail.ts';
import { startFleet } from './start-fleet.ts';

const LATENCY_MS = 1_500;
const TIMEOUT_MS = 300;

test('calls that are given up while Graph is at them are not followed by others beyond its limit', async () => {
  await using fleet = await startFleet({ SIMULATOR_MAILBOXES: '1' });
  await using stack = new AsyncDisposableStack();
  const [mailboxId = ''] = fleet.mailboxes;
  const graph = new GraphClients({
    tenants: graphTenants({
      ...fleet.graphEnv,
      GRAPH_TIMEOUT_MS: TIMEOUT_MS,
    }),
    tenantOf: () => fleet.tenantId,
    clock: systemClock,
    governor: new MailboxGovernor({
      // Beyond what Graph needs, on a machine that is busy too.
      permits: new GraphPermits(fleet.redis, { unansweredMs: 3 * LATENCY_MS }),
      clock: systemClock,
    }),
    timeoutMs: TIMEOUT_MS,
  });
  stack.defer(() => graph.close());
  const refs: { mailboxId: string; messageId: string }[] = [];
  for (let n = 0; n < 8; n += 1) {
    refs.push({ mailboxId, messageId: await fleet.inject(mailboxId, PDF) });
  }
  await fleet.fault('graph-latency', { mailboxId, ms: LATENCY_MS });
  // Each alone, as messages that are announced come; half of them are stopped, the others time out.
  const stop = new AbortController();
  const first = refs.map((ref, index) =>
    graph.messages
      .messages([ref], index % 2 ? stop.signal : undefined)
      .then(([read]) => read?.ok ?? false)
      .catch(() => false),
  );
  const inFlight = async () => (await fleet.usage()).get(mailboxId)?.inFlightMax ?? 0;
  await until(async () => (await inFlight()) > 0, { what: 'Graph is at it' });
  stop.abort(new Error('stopping'));
  expect(await Promise.all(first)).toContain(false);
  await fleet.clearFaults();
  await until(async () => (await graph.messages.messages(refs)).every(({ ok }) => ok), {
    what: 'all are read once Graph is quick again',
  });
  expect((await fleet.usage()).get(mailboxId)).toMatchObject({
    inFlightMax: 4,
    refused: { inFlight: 0 },
  });
});
