import { connect, createServer, type Socket } from 'node:net';
import { expect, test } from '@jest/globals';
import { freePort, until } from '@ms1/testkit';

import { startFleet } from './start-fleet.ts';

/** The way to `target`, which swallows what is sent until it is opened: connections stand, and nothing comes back. */
async function blackHole(target: number) {
  const sockets = new Set<Socket>();
  const state = { isOpen: false };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket));
    if (!state.isOpen) return void socket.resume();
    const upstream = connect(target, '127.0.0.1').on('error', () => socket.destroy());
    socket.on('close', () => upstream.destroy());
    socket.pipe(upstream).pipe(socket);
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${port}`,
    open() {
      state.isOpen = true;
      for (const socket of sockets) socket.destroy();
    },
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

test('a Graph that swallows requests shows in the readiness of who reads from it, and is over by itself', async () => {
  await using fleet = await startFleet();
  const base = new URL(fleet.graphEnv.GRAPH_BASE_URL);
  await using way = await blackHole(Number(base.port));
  const [mailboxId = ''] = fleet.mailboxes;
  const ref = { mailboxId, messageId: await fleet.inject(mailboxId) };
  const env = { GRAPH_TIMEOUT_MS: '4000', GRAPH_BASE_URL: `${way.url}${base.pathname}` };
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
  way.open();
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
