import { once } from 'node:events';
import { Agent, createServer, get, type IncomingMessage, type RequestListener } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, test } from '@jest/globals';

import { closeServer, listen } from './listen.ts';

async function setup(handler: RequestListener) {
  const server = createServer({ keepAliveTimeout: 60_000 }, handler);
  const port = await listen(server, { host: '127.0.0.1', port: 0, variable: 'PORT' });
  const agent = new Agent({ keepAlive: true });
  return {
    server,
    port,
    /** The answer once its headers are here. */
    async ask(): Promise<IncomingMessage> {
      const [answer] = await once(get({ port, agent, host: '127.0.0.1' }), 'response');
      return answer as IncomingMessage;
    },
    [Symbol.dispose]() {
      agent.destroy();
      server.closeAllConnections();
      server.close();
    },
  };
}

describe('closing a server', () => {
  test('lets a request in hand be answered, as the last on its connection', async () => {
    const answer = Promise.withResolvers<void>();
    const arrived = Promise.withResolvers<void>();
    using served = await setup((_req, res) => {
      arrived.resolve();
      void answer.promise.then(() => res.end('done'));
    });
    const asked = served.ask();
    await arrived.promise;
    const closed = closeServer(served.server);
    answer.resolve();
    const { headers, statusCode } = (await asked).resume();
    expect([statusCode, headers.connection]).toEqual([200, 'close']);
    await closed;
  });

  test('control: one that ends at once leaves what it has in hand without an answer', async () => {
    const arrived = Promise.withResolvers<void>();
    using served = await setup(() => arrived.resolve());
    const asked = served.ask();
    await arrived.promise;
    served.server.close();
    served.server.closeAllConnections();
    await expect(asked).rejects.toThrow('socket hang up');
  });

  test('ends the connection of an answer whose headers were out already', async () => {
    const end = Promise.withResolvers<void>();
    using served = await setup((_req, res) => {
      res.write('begun ');
      void end.promise.then(() => res.end('done'));
    });
    const answer = await served.ask();
    const closed = closeServer(served.server);
    end.resolve();
    expect((await answer.toArray()).join('')).toBe('begun done');
    await closed;
  });

  test('ends under clients that keep their connections and go on asking', async () => {
    using served = await setup((_req, res) => void setImmediate(() => res.end()));
    let answered = 0;
    const clients = Array.from({ length: 4 }, async () => {
      for (;;) {
        const answer = await served.ask().catch(() => null);
        if (!answer) return;
        answer.resume();
        answered += 1;
        await once(answer, 'close');
      }
    });
    await served.ask().then((answer) => answer.resume());
    await closeServer(served.server);
    await Promise.all(clients);
    expect(answered).toBeGreaterThan(0);
  });

  test.each([
    '',
    'POST / HTTP/1.1\r\nHost: x\r\n',
    'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{',
  ])('does not wait for who has sent no more than %j', async (sent) => {
    using served = await setup((req) => void req.resume());
    const socket = connect(served.port, '127.0.0.1').on('error', () => undefined);
    await once(served.server, 'connection');
    if (sent) socket.write(sent);
    const ended = once(socket, 'close');
    await closeServer(served.server, 300);
    await ended;
    expect(served.server.listening).toBe(false);
  });
});
