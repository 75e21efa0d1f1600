import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { expect, test } from '@jest/globals';
import type { Concern } from '@ms1/console-api';
import { createHttpClient } from '@ms1/http-client';
import { TallyStore } from '@ms1/mailboxes';
import { createOutboundPolicy } from '@ms1/resilience';
import { openServer, startRedis } from '@ms1/testkit';
import { Redis } from 'ioredis';

import { AlertStore } from '../src/alerts/alert-store.ts';
import { createAlertWebhook } from '../src/alerts/alert-webhook.ts';
import { tellSummary } from '../src/alerts/daily-summary.ts';
import { tellConcerns } from '../src/alerts/tell-concerns.ts';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const MS4_DOWN: Concern = { level: 'stopped', code: 'ms4_down', text: 'MS4 does not answer.' };
const STALE: Concern = { level: 'attention', code: 'mailboxes_stale', text: '1 of 2 <mailboxes>.' };
const [ONE, TWO] = ['11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222'];
const SECONDS = 1_000;
const HOURS = 3_600_000;
const NOON = Date.parse('2026-11-30T12:00:00Z');

interface Post {
  headers: IncomingHttpHeaders;
  body: string;
}

/** A receiver, and what consoles tell it at a time; whatever happened between is in Redis. */
async function setup(statuses: number[] = []) {
  await using stack = new AsyncDisposableStack();
  const server = stack.use(await startRedis());
  const redis = stack.adopt(new Redis(server.url), (one) => one.disconnect());
  const posts: Post[] = [];
  const receiver = stack.use(
    await openServer(
      createServer((req, res) => {
        let body = '';
        req.on('data', (chunk) => (body += chunk));
        req.on('end', () => {
          const status = statuses.shift() ?? 200;
          if (status < 300) posts.push({ headers: req.headers, body });
          res.writeHead(status).end();
        });
      }),
    ),
  );
  const url = new URL(`http://127.0.0.1:${receiver.port}/in?key=1`);
  const http = createHttpClient({
    name: 'alert webhook',
    origin: url.origin,
    connections: 1,
    timeoutMs: 5_000,
    responseBytesMax: 1_000,
  });
  stack.defer(() => http.close());
  const opened = stack.move();
  const tallies = (at: number) =>
    new TallyStore(redis, { prefix: '{ms1}', clock: { now: () => at } });
  return {
    posts,
    redis,
    /** a look of any console, s after noon */
    look: (
      at: number,
      concerns: readonly Concern[],
      format: 'json' | 'slack' | 'teams' = 'json',
    ) => {
      const post = postIn(format);
      return tellConcerns(concerns, {
        alerts: new AlertStore(redis, { prefix: '{ms1}' }),
        tell: (event) => post(event, new AbortController().signal),
        now: NOON + at * SECONDS,
      });
    },
    /** the same, of the day before; with an hour of six */
    summarise: (now: number, format: 'json' | 'slack' | 'teams' = 'json') => {
      const post = postIn(format);
      return tellSummary({
        tallies: tallies(NOON),
        mailboxes: () => [
          { mailboxId: ONE, label: 'invoices <de>' },
          { mailboxId: TWO, label: 'invoices fr' },
          { mailboxId: TWO.replace('2', '3'), label: 'never had any' },
        ],
        alerts: new AlertStore(redis, { prefix: '{ms1}' }),
        tell: (summary) => post(summary, new AbortController().signal),
        hour: 6,
        now,
      });
    },
    tallies,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
  function postIn(format: 'json' | 'slack' | 'teams') {
    return createAlertWebhook({
      http,
      policy: createOutboundPolicy({
        attempts: 2,
        backoff: { initialMs: 1, maxMs: 1 },
        breaker: { threshold: 10, openMs: 1_000, openMsMax: 1_000 },
        isTransient: () => true,
      }),
      url,
      format,
      secret: SECRET,
      console: 'https://ops.contoso.example',
    });
  }
}

const typesOf = (posts: readonly Post[]) =>
  posts.map(({ body }) => {
    const { type, data } = JSON.parse(body) as { type: string; data: Concern };
    return `${type} ${data.code}`;
  });

test('each concern is told once when it lasts and once when it is over, whichever console looks', async () => {
  await using bundle = await setup();
  const { look, posts } = bundle;
  // Of a later release, which runs beside this one during a deploy.
  await bundle.redis.hset(
    '{ms1}:alerts:open',
    'of_later',
    '{"id":"a","concern":{"code":"of_later"}}',
  );
  await look(0, [MS4_DOWN]);
  await look(30, [MS4_DOWN, STALE]);
  expect(posts).toEqual([]);
  await look(60, [MS4_DOWN]);
  for (const at of [65, 70, 300]) await look(at, [MS4_DOWN]);
  expect(typesOf(posts)).toEqual(['ms1.concern.began ms4_down']);
  // It comes and goes: that is no end, and no new beginning.
  await look(310, []);
  await look(320, [MS4_DOWN]);
  await look(400, []);
  expect(posts).toHaveLength(1);
  await look(440, []);
  await look(445, []);
  // What was there for a moment only was never told, and does not end.
  expect(typesOf(posts)).toEqual(['ms1.concern.began ms4_down', 'ms1.concern.ended ms4_down']);
  expect(await bundle.redis.hkeys('{ms1}:alerts:open')).toEqual(['of_later']);
  // Another time it is another one.
  await look(500, [MS4_DOWN]);
  await look(560, [MS4_DOWN]);
  const ids = posts.map(({ headers }) => headers['webhook-id']);
  expect(new Set(ids).size).toBe(3);
});

test('what was not taken is tried again until it is, under the same id; control: a store that forgets tells it at each look', async () => {
  const down = [500, 503, 500, 429, 500, 500];
  await using bundle = await setup(down);
  await bundle.look(0, [MS4_DOWN]);
  for (const at of [60, 65, 70]) {
    expect(await bundle.look(at, [MS4_DOWN])).toMatchObject({ failed: 1 });
  }
  expect(bundle.posts).toEqual([]);
  expect(await bundle.look(75, [MS4_DOWN])).toMatchObject({ failed: 0 });
  for (const at of [80, 85]) await bundle.look(at, [MS4_DOWN]);
  expect(bundle.posts).toHaveLength(1);

  const kept = await bundle.redis.hget('{ms1}:alerts:open', 'ms4_down');
  for (const at of [90, 95]) {
    await bundle.redis.hset('{ms1}:alerts:open', 'ms4_down', String(kept).replace('true', 'false'));
    await bundle.look(at, [MS4_DOWN]);
  }
  expect(bundle.posts).toHaveLength(3);
});

test('is signed by Standard Webhooks, and what it says fits Slack and Teams', async () => {
  await using bundle = await setup();
  const { look, posts } = bundle;
  for (const [index, format] of (['json', 'slack', 'teams'] as const).entries()) {
    const at = index * 1_000;
    await look(at, [STALE], format);
    await look(at + 60, [STALE], format);
    await look(at + 400, [], format);
  }
  expect(posts).toHaveLength(6);
  for (const { headers, body } of posts) {
    const signed = [headers['webhook-id'], headers['webhook-timestamp'], body].join('.');
    const key = Buffer.from(SECRET.slice('whsec_'.length), 'base64');
    const expected = createHmac('sha256', key).update(signed).digest('base64');
    expect(headers['webhook-signature']).toBe(`v1,${expected}`);
  }
  const [json, , slack, , teams] = posts.map(({ body }) => JSON.parse(body) as object);
  expect(json).toMatchObject({
    type: 'ms1.concern.began',
    timestamp: '2026-11-30T12:01:00.000Z',
    data: { level: 'attention', console: 'https://ops.contoso.example/console' },
  });
  expect(slack).toEqual({
    text: '1 of 2 &lt;mailboxes&gt;. <https://ops.contoso.example/console|Console>',
  });
  const [card] = (teams as { attachments: object[] }).attachments;
  expect(card).toMatchObject({
    contentType: 'application/vnd.microsoft.card.adaptive',
    content: { type: 'AdaptiveCard', body: [{ color: 'Warning' }, { text: STALE.text }] },
  });
});

test('yesterday is told once by mailbox, from an hour of today on, whichever console looks and however often it starts', async () => {
  await using bundle = await setup([500, 500]);
  const { tallies, summarise, posts, redis } = bundle;
  const midnight = NOON + 12 * HOURS;
  // A service that is new has no yesterday.
  await summarise(NOON);
  await tallies(NOON).add([
    { mailboxId: ONE, counted: 'read', by: 1_234 },
    { mailboxId: ONE, counted: 'delivered', by: 1_230 },
    { mailboxId: ONE, counted: 'timed', by: 1_000 },
    { mailboxId: ONE, counted: 'late', by: 7 },
    { mailboxId: ONE, counted: 'skipped', by: 4 },
    { mailboxId: TWO, counted: 'read', by: 1 },
    { mailboxId: TWO, counted: 'dead', by: 1 },
  ]);
  await tallies(midnight).add([{ mailboxId: ONE, counted: 'read', by: 9 }]);
  await summarise(midnight + 5 * HOURS);
  expect(posts).toEqual([]);
  // The receiver is away at first.
  await expect(summarise(midnight + 6 * HOURS)).rejects.toThrow('500');
  for (const hours of [6, 7, 23]) await summarise(midnight + hours * HOURS);
  const [post] = posts;
  expect(posts).toHaveLength(1);
  expect(post?.headers['webhook-id']).toBe('summary-2026-11-30');
  const none = { skipped: 0, dead: 0, unexplained: 0 };
  expect(JSON.parse(post?.body ?? '')).toEqual({
    type: 'ms1.summary',
    timestamp: new Date(midnight + 6 * HOURS).toISOString(),
    data: {
      id: 'summary-2026-11-30',
      day: '2026-11-30',
      all: { ...none, received: 1_235, delivered: 1_230, skipped: 4, dead: 1, onTimePercent: 99.3 },
      mailboxes: [
        {
          id: TWO,
          label: 'invoices fr',
          ...none,
          received: 1,
          delivered: 0,
          dead: 1,
          onTimePercent: null,
        },
        {
          id: ONE,
          label: 'invoices <de>',
          ...none,
          received: 1_234,
          delivered: 1_230,
          skipped: 4,
          onTimePercent: 99.3,
        },
      ],
      console: 'https://ops.contoso.example/console',
    },
  });
  // Control: a store that forgets tells it again.
  await redis.set(
    '{ms1}:alerts:summarised',
    Number(await redis.get('{ms1}:alerts:summarised')) - 1,
  );
  await summarise(midnight + 23 * HOURS, 'slack');
  expect(JSON.parse(posts[1]?.body ?? '')).toEqual({
    text: [
      '2026-11-30 (UTC): 1,235 received, 1,230 delivered (99.3 % within a minute), 4 skipped, 1 dead, 0 unexplained.',
      'invoices fr: 1 received, 0 delivered, 0 skipped, 1 dead, 0 unexplained',
      'invoices &lt;de&gt;: 1,234 received, 1,230 delivered (99.3 % within a minute), 4 skipped, 0 dead, 0 unexplained <https://ops.contoso.example/console|Console>',
    ].join('\n'),
  });
  // The next day is another one, with nothing but what it had.
  await summarise(midnight + 30 * HOURS, 'teams');
  const card = JSON.parse(posts[2]?.body ?? '') as {
    attachments: { content: { body: object[] } }[];
  };
  expect(card.attachments[0]?.content.body.at(-1)).toMatchObject({
    text: 'invoices <de>: 9 received, 0 delivered, 0 skipped, 0 dead, 0 unexplained',
  });
});
