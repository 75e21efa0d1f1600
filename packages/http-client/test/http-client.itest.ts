import { createServer, type RequestListener } from 'node:http';
import { createServer as createTcpServer, type LookupFunction, type Server } from 'node:net';
import { gzipSync } from 'node:zlib';

import { afterEach, describe, expect, test } from '@jest/globals';
import { openServer } from '@ms1/testkit';
import { createHttpClient, type HttpClientOptions } from '../src/create-http-client.ts';

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close();
});

async function serve(server: Server, options: Partial<HttpClientOptions> = {}) {
  const opened = await openServer(server);
  const client = createHttpClient({
    name: 'test',
    origin: `http://127.0.0.1:${opened.port}`,
    connections: 1,
    timeoutMs: 30_000,
    responseBytesMax: 1_000,
    ...options,
  });
  open.push(async () => {
    await opened[Symbol.asyncDispose]();
    await client.close();
  });
  return { ...opened, client };
}

const setup = (listener: RequestListener, options?: Partial<HttpClientOptions>) =>
  serve(createServer(listener), options);

const get = { method: 'GET', path: '/' } as const;
const post = { method: 'POST', path: '/', body: '{}' } as const;

describe('HTTP client', () => {
  test('returns status, lower-case headers and the body, and sends what it was given', async () => {
    const { client } = await setup((req, res) => {
      req.on('data', (chunk: Buffer) => {
        res.writeHead(207, { 'X-Seen': `${req.method} ${req.url} ${String(req.headers['x-a'])}` });
        res.end(`got ${chunk.toString()}`);
      });
    });
    const reply = await client.request({
      method: 'POST',
      path: '/p?q=1',
      headers: { 'x-a': 'b' },
      body: 'hello',
    });
    expect(reply.status).toBe(207);
    expect(reply.headers['x-seen']).toBe('POST /p?q=1 b');
    expect(reply.body.toString()).toBe('got hello');
  });

  test('asks its lookup where plain http leads, and nobody else', async () => {
    const asked: string[] = [];
    const lookup: LookupFunction = (hostname, _options, done) => {
      asked.push(hostname);
      done(new Error('not ours'), '', 0);
    };
    const { client } = await setup((_req, res) => res.end(), { origin: 'http://ms4', lookup });
    await expect(client.request(get)).rejects.toMatchObject({ name: 'HttpConnectionError' });
    expect(asked).toEqual(['ms4']);
  });

  test('keeps its connections', async () => {
    const { client, sockets } = await setup((_req, res) => res.end());
    for (let i = 0; i < 20; i += 1) await client.request(get);
    expect(sockets.size).toBe(1);
  });

  test('never follows a redirect', async () => {
    const { client } = await setup((_req, res) => {
      res.writeHead(307, { location: 'http://elsewhere.invalid/' }).end();
    });
    expect((await client.request(post)).status).toBe(307);
  });

  test('ends an exchange at its deadline although every byte comes in time (slow drip); control: fetch goes on', async () => {
    const { client } = await setup(
      (_req, res) => {
        res.writeHead(200);
        const drip = setInterval(() => res.write('.'), 20);
        res.on('close', () => clearInterval(drip));
      },
      { timeoutMs: 1_000 },
    );
    // Its limits are between two bytes.
    const plain = (await fetch(client.origin)).body?.getReader();
    await expect(client.request(post)).rejects.toMatchObject({
      code: 'http_timeout',
      requestSent: true,
    });
    expect(await plain?.read()).toMatchObject({ done: false });
    await plain?.cancel();
  });

  test('a timeout without any reply is ambiguous, but for a request that had no connection yet', async () => {
    const { client } = await setup(() => undefined, { timeoutMs: 100 });
    const ends = await Promise.allSettled([client.request(post), client.request(post)]);
    const late = { code: 'http_timeout' };
    expect(ends.map((end) => end.status === 'rejected' && end.reason)).toMatchObject([
      { ...late, requestSent: true },
      { ...late, requestSent: false },
    ]);
  });

  test('a request that still waits for a connection at its deadline was not sent, and never will be', async () => {
    let arrived = 0;
    const { promise: refused, resolve: refuse } = Promise.withResolvers<void>();
    const { client } = await setup((_req, res) => {
      arrived += 1;
      void refused.then(() => res.end());
    });
    const inFlight = client.request(get);
    const stop = AbortSignal.timeout(50);
    await expect(client.request({ ...post, signal: stop })).rejects.toThrow(/timeout/);
    refuse();
    await inFlight;
    await client.request(get);
    expect(arrived).toBe(2);
  });

  test('a reset after the request arrived is ambiguous', async () => {
    const { client } = await setup((req) => req.socket.resetAndDestroy());
    await expect(client.request(post)).rejects.toMatchObject({ code: 'http_connection' });
  });

  test('a refused connection is not: nothing was sent', async () => {
    const { client, port } = await serve(createTcpServer());
    expect(port).toBeGreaterThan(0);
    await open.pop()?.();
    const again = createHttpClient({
      name: 'test',
      origin: client.origin,
      connections: 1,
      timeoutMs: 30_000,
      responseBytesMax: 10,
    });
    await expect(again.request(post)).rejects.toMatchObject({ code: 'http_connection' });
    await again.close();
  });

  test('a reply that is cut off is an error, not a short body', async () => {
    const { client } = await serve(
      createTcpServer((socket) => {
        socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nhalf'));
      }),
    );
    await expect(client.request(post)).rejects.toMatchObject({ code: 'http_connection' });
  });

  test.each([true, false])(
    'cuts off a reply above its cap (announced: %p), and goes on',
    async (announced) => {
      let large = true;
      const { client } = await setup((_req, res) => {
        const body = large ? 'x'.repeat(5_000) : '';
        res.writeHead(200, announced ? { 'content-length': body.length } : {});
        res.end(body);
      });
      await expect(client.request(get)).rejects.toMatchObject({ code: 'http_response_too_large' });
      large = false;
      expect((await client.request(get)).status).toBe(200);
    },
  );

  test('undoes the coding of a reply within the cap of what is unpacked, and goes on', async () => {
    const replies = ['x'.repeat(900), 'x'.repeat(1_000_000), 'small'].map((text) => gzipSync(text));
    const { client } = await setup((_req, res) => {
      res.writeHead(200, { 'content-encoding': 'gzip' }).end(replies.shift());
    });
    expect((await client.request(get)).body.toString()).toBe('x'.repeat(900));
    await expect(client.request(get)).rejects.toMatchObject({ code: 'http_response_too_large' });
    expect((await client.request(get)).body.toString()).toBe('small');
  });

  test('stops with the reason of its signal', async () => {
    const stop = new AbortController();
    const { client } = await setup(() => stop.abort(new Error('shutting down')));
    await expect(client.request({ ...post, signal: stop.signal })).rejects.toThrow('shutting down');
  });

  test('a server that speaks no HTTP is a connection error', async () => {
    const { client } = await serve(createTcpServer((socket) => socket.end('hello\r\n\r\n')));
    await expect(client.request(get)).rejects.toMatchObject({ code: 'http_connection' });
  });
});
