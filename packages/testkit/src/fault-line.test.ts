import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

import { expect, test } from '@jest/globals';

import { openFaultLine } from './fault-line.ts';
import { openServer } from './open-server.ts';
import { until } from './until.ts';

/** A server that answers what it is asked, in capitals, and clients of it by way of a line. */
async function setup() {
  await using stack = new AsyncDisposableStack();
  const heard: string[] = [];
  const server = createServer((socket) => {
    socket
      .on('error', () => undefined)
      .on('data', (bytes) => {
        heard.push(String(bytes));
        socket.write(String(bytes).toUpperCase());
      });
  });
  const { port } = stack.use(await openServer(server));
  const line = stack.use(await openFaultLine({ port }));
  const client = async () => {
    const socket: Socket = connect(line.port, '127.0.0.1');
    opened.defer(() => void socket.destroy());
    const seen = { text: '', end: '' };
    socket
      .on('data', (bytes) => {
        seen.text += String(bytes);
      })
      .on('error', (error: NodeJS.ErrnoException) => {
        seen.end = error.code ?? '';
      })
      .on('end', () => {
        seen.end = 'closed';
      });
    await Promise.race([once(socket, 'connect'), once(socket, 'close')]).catch(() => undefined);
    return {
      say: (text: string) => socket.write(text),
      hears: (text: string) => until(() => seen.text === text, { what: text }),
      ends: (how: string) => until(() => seen.end === how, { what: how }),
      seen,
    };
  };
  const opened = stack.move();
  return { line, heard, client, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

test('a line that nothing is wrong with passes everything on, ends too', async () => {
  await using bundle = await setup();
  const client = await bundle.client();
  const much = 'a'.repeat(3_000_000);
  client.say(much);
  await client.hears(much.toUpperCase());
  expect(bundle.line.connections).toBe(1);
  expect(client.seen.end).toBe('');
});

test('delay holds back what goes and what comes, in order', async () => {
  await using bundle = await setup();
  const client = await bundle.client();
  bundle.line.delay(60);
  const began = performance.now();
  client.say('a');
  await client.hears('A');
  expect(performance.now() - began).toBeGreaterThanOrEqual(118);
  bundle.line.delay(100_000);
  client.say('b');
  await until(() => bundle.line.waiting === 1, { what: 'it is held back' });
  bundle.line.delay(0);
  client.say('c');
  await client.hears('ABC');
});

test('a black hole swallows what comes on the connections of its time, and closes none', async () => {
  await using bundle = await setup();
  const [old, untouched] = [await bundle.client(), await bundle.client()];
  old.say('a');
  await old.hears('A');
  await until(() => bundle.line.connections === 2, { what: 'two' });
  bundle.line.blackhole();
  old.say('lost');
  await until(() => bundle.line.harm.swallowedBytes === 4, { what: 'swallowed' });
  const young = await bundle.client();
  young.say('b');
  await young.hears('B');
  bundle.line.heal();
  untouched.say('lost too');
  await until(() => bundle.line.harm.swallowedBytes === 12, { what: 'for ever' });
  expect(bundle.heard).toEqual(['a', 'b']);
  expect([old.seen.end, untouched.seen.end]).toEqual(['', '']);
});

test('a stalled line takes nothing from old and new until it is healed, and loses nothing', async () => {
  await using bundle = await setup();
  const old = await bundle.client();
  await until(() => bundle.line.connections === 1, { what: 'old' });
  bundle.line.stall();
  const young = await bundle.client();
  await until(() => bundle.line.connections === 2, { what: 'young' });
  old.say('a');
  young.say('b');
  // A round trip of the same event loop, after which what was said would have been heard.
  await using beside = await setup();
  const other = await beside.client();
  other.say('c');
  await other.hears('C');
  expect(bundle.heard).toEqual([]);
  bundle.line.heal();
  await old.hears('A');
  await young.hears('B');
});

test('reset ends whoever is there, and nobody who comes later', async () => {
  await using bundle = await setup();
  const old = await bundle.client();
  await until(() => bundle.line.connections === 1, { what: 'old' });
  bundle.line.reset();
  await old.ends('ECONNRESET');
  expect(bundle.line.harm.resets).toBe(1);
  const young = await bundle.client();
  young.say('a');
  await young.hears('A');
});

test('an answer that is lost was to something that was done', async () => {
  await using bundle = await setup();
  const [first, second] = [await bundle.client(), await bundle.client()];
  bundle.line.loseAnswers(1, 'important');
  first.say('unimportan');
  await first.hears('UNIMPORTAN');
  second.say('important');
  await second.ends('ECONNRESET');
  expect(second.seen.text).toBe('');
  expect(bundle.heard).toEqual(['unimportan', 'important']);
  bundle.line.loseAnswers(1);
  first.say('any');
  await first.ends('ECONNRESET');
  expect(bundle.line.harm).toMatchObject({ lostAnswers: 2, resets: 2 });
  const third = await bundle.client();
  third.say('a');
  await third.hears('A');
});

test('an answer is cut after so many bytes, as often as was said; shorter ones are whole', async () => {
  await using bundle = await setup();
  bundle.line.cutAnswers(3, 1);
  const [first, second] = [await bundle.client(), await bundle.client()];
  first.say('abc');
  await first.hears('ABC');
  first.say('defg');
  await first.ends('ECONNRESET');
  expect(first.seen.text).toBe('ABCDEF');
  second.say('hijk');
  await second.hears('HIJK');
  expect(bundle.line.harm).toMatchObject({ cutAnswers: 1, resets: 1 });
});

test('a drip is as slow as was said, and what is on its way comes at once when it is over', async () => {
  await using bundle = await setup();
  const client = await bundle.client();
  bundle.line.drip(100);
  const began = performance.now();
  client.say('a'.repeat(1_000));
  await until(() => client.seen.text.length >= 20, { what: '20 bytes' });
  expect(performance.now() - began).toBeGreaterThanOrEqual(190);
  expect(client.seen.text.length).toBeLessThan(1_000);
  bundle.line.drip(null);
  await client.hears('A'.repeat(1_000));
});

test('a line that is down refuses; healed, it is at the same port', async () => {
  await using bundle = await setup();
  const old = await bundle.client();
  await until(() => bundle.line.connections === 1, { what: 'old' });
  bundle.line.down();
  await old.ends('ECONNRESET');
  const refused = await bundle.client();
  await refused.ends('ECONNREFUSED');
  bundle.line.heal();
  const young = await bundle.client();
  young.say('a');
  await young.hears('A');
  expect(bundle.line.connections).toBe(1);
});

test('what the server does to a connection reaches the client as it is', async () => {
  await using stack = new AsyncDisposableStack();
  const server = createServer((socket) => {
    socket.on('data', (bytes) =>
      String(bytes) === 'end' ? socket.end() : socket.resetAndDestroy(),
    );
  });
  const { port } = stack.use(await openServer(server));
  const line = stack.use(await openFaultLine({ port }));
  for (const [word, end] of [
    ['end', 'closed'],
    ['reset', 'ECONNRESET'],
  ]) {
    const socket = connect(line.port, '127.0.0.1');
    const ended = new Promise((resolve) => {
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code));
      socket.on('end', () => resolve('closed'));
      socket.resume();
    });
    socket.write(word ?? '');
    expect(await ended).toBe(end);
  }
});
