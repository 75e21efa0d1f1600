import { describe, expect, test } from '@jest/globals';
import { closeServer } from '@ms1/runtime';
import { until } from '@ms1/testkit';

import { createWebhook } from '../src/webhook/create-webhook.ts';
import { serveWebhook } from '../src/webhook/serve-webhook.ts';

import { event, item, startWebhook } from './webhook-bundle.ts';

type Webhook = Awaited<ReturnType<typeof startWebhook>>;

/** Posts one after another's start, and says how each was answered. */
async function postMany(bundle: Webhook, prefix: string, count = 20) {
  return Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const { status, headers } = await bundle.post({ value: [item(`${prefix}${index}`)] });
      const retryAfter = headers.get('retry-after');
      return { status, retryAfter };
    }),
  );
}

const statuses = (answers: readonly { status: number }[]) => [
  ...new Set(answers.map(({ status }) => status)),
];

describe('the webhook, while Redis', () => {
  test.each<[string, (bundle: Webhook) => Promise<unknown>, (bundle: Webhook) => Promise<unknown>]>(
    [
      [
        'is full',
        ({ redis }) => redis.config('SET', 'maxmemory', '1'),
        ({ redis }) => redis.config('SET', 'maxmemory', '0'),
      ],
      [
        'has become a replica in a failover',
        ({ redis }) => redis.replicaof('127.0.0.1', 1),
        ({ redis }) => redis.replicaof('NO', 'ONE'),
      ],
    ],
  )(
    '%s, answers 503 and is not ready within 30 s, and 202 once that is over',
    async (_, begin, end) => {
      await using bundle = await startWebhook();
      await begin(bundle);
      const answers = await postMany(bundle, 'a');
      expect(statuses(answers)).toEqual([503]);
      expect(answers[0]?.retryAfter).toBe('5');
      expect((await bundle.post({ value: [event('missed')] })).status).toBe(503);
      expect(await bundle.unreadyAfter(20)).toBeNull();
      await bundle.post({ value: [item('a0')] });
      expect(await bundle.unreadyAfter(10)).toMatch(/notifications do not reach their queue/);
      await end(bundle);
      const isTaken = async () => statuses(await postMany(bundle, 'a')).join() === '202';
      await until(isTaken, { what: 'mail is taken again' });
      expect(await bundle.waiting()).toHaveLength(20);
      expect(await bundle.unreadyAfter(0)).toBeNull();
      expect((await bundle.post({ value: [event('missed')] })).status).toBe(202);
      expect(await bundle.polling.getWaitingCount()).toBe(1);
    },
  );

  test('answers late, but in time, answers 202; every 202 is on the queue', async () => {
    await using bundle = await startWebhook();
    await postMany(bundle, 'before', 1);
    await bundle.redis.call('CLIENT', 'PAUSE', '300', 'ALL');
    const answers = await postMany(bundle, 'a');
    expect(statuses(answers)).toEqual([202]);
    expect(await bundle.waiting()).toHaveLength(21);
  });

  test('is gone, answers 503, also to many at once', async () => {
    await using bundle = await startWebhook();
    await bundle.server.kill();
    expect(statuses(await postMany(bundle, 'a', 300))).toEqual([503]);
  });
});

describe('the webhook', () => {
  test('refuses at once what comes while 500 are in hand', async () => {
    const release = Promise.withResolvers<never>();
    let inHand = 0;
    const webhook = createWebhook({
      accept: () => {
        inHand += 1;
        return release.promise;
      },
      admission: { admits: () => true, read: () => undefined, blame: () => undefined },
      addressOf: () => null,
      lagMs: () => 0,
      onAnswered: () => undefined,
    });
    const { server, port } = await serveWebhook(webhook, { host: '127.0.0.1', port: 0 });
    const post = () =>
      fetch(`http://127.0.0.1:${port}/webhooks/graph`, { method: 'POST', body: '{"value":[]}' });
    const waiting = Array.from({ length: 500 }, post);
    await until(() => inHand === 500, { what: '500 are in hand' });
    const { status, headers } = await post();
    expect([status, headers.get('retry-after')]).toEqual([503, '5']);
    expect(inHand).toBe(500);
    release.reject(new Error('over'));
    expect(statuses(await Promise.all(waiting))).toEqual([503]);
    await closeServer(server);
  });
});
