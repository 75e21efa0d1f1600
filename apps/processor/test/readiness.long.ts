import { expect, test } from '@jest/globals';
import { openFaultLine, until } from '@ms1/testkit';

import { startFleet } from './start-fleet.ts';

test('a Graph that swallows requests shows in the readiness of who reads from it, and is over by itself', async () => {
  await using fleet = await startFleet();
  const base = new URL(fleet.graphEnv.GRAPH_BASE_URL);
  await using line = await openFaultLine({ port: Number(base.port) });
  line.stall();
  const [mailboxId = ''] = fleet.mailboxes;
  const ref = { mailboxId, messageId: await fleet.inject(mailboxId) };
  base.port = String(line.port);
  const env = { GRAPH_TIMEOUT_MS: '4000', GRAPH_BASE_URL: base.href };
  const [processor, poller] = await Promise.all([
    fleet.startProcessor(env),
    fleet.startPoller(env),
  ]);
  const [key = ''] = await fleet.notice([ref]);
  for (const { health } of [processor, poller]) {
    const reason = await until(
      async () => {
        const response = await fetch(`${health}/readyz`);
        return response.status === 503 ? response.text() : null;
      },
      { what: 'not ready' },
    );
    expect(reason).toMatch(/graph_(timeout|transient|unavailable)/);
    expect((await fetch(`${health}/healthz`)).status).toBe(200);
  }
  line.heal();
  await until(async () => (await fleet.ledger.known([key]))[0]?.state === 'prepared', {
    what: 'the message is prepared',
  });
  for (const { health } of [processor, poller]) {
    await until(async () => (await fetch(`${health}/readyz`)).status === 200, {
      what: 'ready again',
      timeoutMs: 300_000,
    });
  }
}, 900_000);
