import { execFile } from 'node:child_process';
import { Agent, request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { QUEUES } from '@ms1/contracts';
import { createQueue } from '@ms1/queue';
import { openRedis, spawnApp, until } from '@ms1/testkit';

import { item } from './webhook-bundle.ts';
import type { ChildOptions } from './webhook-child.ts';

const ENTRY = fileURLToPath(new URL('./webhook-child.ts', import.meta.url));

/** Our webhook, and one that answers before it puts anything on its queue. Each has answered for one message. */
async function setup() {
  await using stack = new AsyncDisposableStack();
  const { server, redis } = stack.use(await openRedis());
  const start = async (kind: ChildOptions['kind']) => {
    const options: ChildOptions = { url: server.url, prefix: `{${kind}}`, kind };
    const app = stack.use(spawnApp({ entry: ENTRY, args: [JSON.stringify(options)] }));
    const says = (what: RegExp) =>
      until(() => what.exec(app.output()), { what: `${what}\n${app.output()}` });
    const [, port] = await says(/port (\d+)/);
    const agent = stack.adopt(new Agent({ keepAlive: true, maxSockets: 1 }), (one) =>
      one.destroy(),
    );
    const inbound = createQueue(QUEUES.inbound, { connection: redis, prefix: options.prefix });
    /** over the one connection that it has; null: without an answer */
    const post = (messageId: string) =>
      new Promise<number | null>((resolve) => {
        const sent = request(
          { port, agent, host: '127.0.0.1', method: 'POST', path: '/webhooks/graph' },
          (res) => {
            res.resume().once('end', () => resolve(res.statusCode ?? null));
          },
        );
        sent.once('error', () => resolve(null));
        sent.end(JSON.stringify({ value: [item(messageId)] }));
      });
    const waiting = () => inbound.getWaitingCount();
    /** as Graph does it, which sends again what a busy machine did not answer for in time */
    const answered = (messageId: string) =>
      until(async () => (await post(messageId)) === 202, { what: `${messageId} is answered` });
    await answered('first');
    await until(async () => (await waiting()) === 1, { what: 'the first is on the queue' });
    return { ...app, says, post, answered, waiting };
  };
  const [ours, hasty] = await Promise.all([start('ours'), start('hasty')]);
  const opened = stack.move();
  return { server, ours, hasty, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

test('killed in the middle of a POST it has answered for nothing that is not on the queue; control: one that answers first has', async () => {
  await using bundle = await setup();
  const { server, ours, hasty } = bundle;
  server.process.kill('SIGSTOP');
  const posted = ours.post('second');
  expect(await hasty.post('second')).toBe(202);
  await Promise.all([ours.stop('SIGKILL'), hasty.stop('SIGKILL')]);
  expect(await posted).not.toBe(202);
  server.process.kill('SIGCONT');
  expect(await ours.waiting()).toBeGreaterThanOrEqual(1);
  expect(await hasty.waiting()).toBe(1);
});

test('without a file descriptor left it answers for what it has put on the queue; control: one that answers first has lost it', async () => {
  await using bundle = await setup();
  const { ours, hasty } = bundle;
  for (const { child } of [ours, hasty]) {
    await promisify(execFile)('prlimit', [`--pid=${child.pid}`, '--nofile=1:']);
  }
  // Its connection to Redis is there already.
  await ours.answered('second');
  expect(await ours.waiting()).toBe(2);
  expect(await hasty.post('second')).toBe(202);
  await hasty.says(/lost/);
  expect(await hasty.waiting()).toBe(1);
});
