import { once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { createGunzip, gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { openServer, until } from '@ms1/testkit';

import { BodyRefusedError, createBodyReader } from '../src/webhook/read-body.ts';

type Read = ReturnType<typeof createBodyReader>;

const ONE = 1_000;
const ALL = 5_000;

/** A server that reads bodies so, and answers with the bytes it had of each, or why it did not read it. */
async function setup(read: Read) {
  const inHand = new Set<IncomingMessage>();
  const server = createServer((req, res) => {
    inHand.add(req);
    void read(req)
      .then(
        (body) => res.end(String(body.length)),
        (error: unknown) => {
          res.statusCode = error instanceof BodyRefusedError ? error.status : 500;
          res.setHeader('connection', 'close').end();
        },
      )
      .finally(() => inHand.delete(req));
  });
  const open = await openServer(server);
  const { port } = open;
  const post = (headers: Record<string, string> = {}) => {
    const sent = request({ port, host: '127.0.0.1', method: 'POST', agent: false, headers });
    sent.on('error', () => undefined);
    return sent;
  };
  return {
    inHand,
    post,
    async answerTo(body: Uint8Array, headers: Record<string, string>) {
      const sent = post(headers);
      const answered = once(sent, 'response');
      sent.end(body);
      const [answer] = (await answered) as [IncomingMessage];
      return [answer.statusCode, String(await buffer(answer))];
    },
    [Symbol.asyncDispose]: open[Symbol.asyncDispose],
  };
}

/** Fifty senders that begin a body of 900 bytes and never end it, and how many of them are in hand, whole, or refused. */
async function fiftyThatNeverEnd(inFlightBytesMax: number) {
  const web = await setup(createBodyReader({ bytesMax: ONE, inFlightBytesMax }));
  let refused = 0;
  for (let n = 0; n < 50; n += 1) {
    const sent = web.post();
    sent.on('response', () => {
      refused += 1;
    });
    sent.write(Buffer.alloc(900));
  }
  return {
    held: () => [...web.inHand].filter(({ socket }) => socket.bytesRead > 900).length,
    refused: () => refused,
    [Symbol.asyncDispose]: web[Symbol.asyncDispose],
  };
}

test('bodies that never end are held up to a bound for all; control: with one for each, all of them are', async () => {
  await using ours = await fiftyThatNeverEnd(ALL);
  await until(() => ours.refused() >= 45, { what: 'five are held' });
  await using control = await fiftyThatNeverEnd(Number.POSITIVE_INFINITY);
  await until(() => control.held() === 50, { what: 'all are held' });
  expect(control.refused()).toBe(0);
});

test('nothing is unpacked; control: unpacked, 50 KB are 50 MB', async () => {
  const bomb = gzipSync(Buffer.alloc(50_000_000));
  const headers = { 'content-encoding': 'gzip' };
  await using web = await setup(createBodyReader({ bytesMax: ONE, inFlightBytesMax: ALL }));
  expect(await web.answerTo(bomb, headers)).toEqual([415, '']);
  await using control = await setup((req) => buffer(req.pipe(createGunzip())));
  expect(await control.answerTo(bomb, headers)).toEqual([200, '50000000']);
});
