import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { expect, test } from '@jest/globals';
import { openServer, until } from '@ms1/testkit';

import { keepConnections } from '../src/webhook/keep-connections.ts';

const MOST = 20;
const MOST_OF_ONE = 15;

/** A server with these limits, its clients, and what is answered when the test says so. */
async function setup(limit: (server: Server) => void) {
  const stack = new AsyncDisposableStack();
  const held: (() => void)[] = [];
  const server = createServer((req, res) => {
    if (req.url === '/held') held.push(() => res.end('answered'));
    else res.end('answered');
  });
  limit(server);
  const { port } = stack.use(await openServer(server));
  /** asks one cheap thing and stays */
  const idle = async (localAddress = '127.0.0.2'): Promise<Socket> => {
    const socket = connect({ port, host: '127.0.0.1', localAddress });
    stack.defer(() => {
      socket.destroy();
    });
    socket.on('error', () => undefined);
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    await Promise.race([once(socket, 'data'), once(socket, 'close')]);
    return socket;
  };
  const ask = (path = '/') =>
    new Promise<string>((resolve) => {
      const sent = request({ port, host: '127.0.0.1', path, agent: false }, (res) => {
        res
          .setEncoding('utf8')
          .on('data', resolve)
          .on('end', () => resolve('empty'));
      });
      sent.on('error', () => resolve('refused'));
      sent.end();
    });
  const count = () =>
    new Promise<number>((resolve) => server.getConnections((_error, open) => resolve(open)));
  return { idle, ask, held, count, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

const ours = (server: Server) =>
  keepConnections(server, {
    most: MOST,
    mostOfOne: MOST_OF_ONE,
    // Here every address is somebody's own.
    ownerOf: ({ remoteAddress }) => remoteAddress ?? null,
  });

test('whoever keeps connections idle shuts nobody out: the one that has been idle for longest makes way', async () => {
  await using web = await setup(ours);
  const kept: Socket[] = [];
  for (let n = 0; n < MOST; n += 1) kept.push(await web.idle(`127.0.0.${2 + (n % 2)}`));
  expect(await web.ask()).toBe('answered');
  await until(() => kept[0]?.destroyed, { what: 'the first is closed' });
  expect(kept.filter(({ destroyed }) => destroyed)).toHaveLength(1);
});

test('who has more than a share makes way for itself', async () => {
  await using web = await setup(ours);
  const other = await web.idle('127.0.0.3');
  const kept: Socket[] = [];
  for (let n = 0; n < MOST_OF_ONE + 3; n += 1) kept.push(await web.idle('127.0.0.2'));
  await until(() => kept.filter(({ destroyed }) => destroyed).length === 3, {
    what: 'three closed',
  });
  expect(kept.slice(0, 3).every(({ destroyed }) => destroyed)).toBe(true);
  expect(other.destroyed).toBe(false);
});

test('what its client has closed takes no share any more', async () => {
  await using web = await setup(ours);
  const first = await web.idle();
  for (let n = 1; n < MOST_OF_ONE; n += 1) (await web.idle()).destroy();
  await until(async () => (await web.count()) === 1, { what: 'the others are gone' });
  for (let n = 0; n < 5; n += 1) await web.idle();
  expect(first.destroyed).toBe(false);
});

test('a request in hand is answered however many come', async () => {
  await using web = await setup(ours);
  const answer = web.ask('/held');
  await until(() => web.held.length === 1, { what: 'in hand' });
  for (let n = 0; n < MOST + 5; n += 1) await web.idle(`127.0.0.${2 + (n % 3)}`);
  web.held[0]?.();
  expect(await answer).toBe('answered');
});

test('control: with a plain limit the honest one is refused', async () => {
  await using web = await setup((server) => {
    server.maxConnections = MOST;
  });
  for (let n = 0; n < MOST; n += 1) await web.idle(`127.0.0.${2 + (n % 2)}`);
  expect(await web.ask()).toBe('refused');
});
