import { connect } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { JOBS, QUEUES } from '@ms1/contracts';
import { connectRedis, createInboundProducer, createQueue } from '@ms1/queue';
import { closeServer, systemClock } from '@ms1/runtime';
import { folderKey, Ledger, SessionStore, SubscriptionStore } from '@ms1/store';
import { startRedis } from '@ms1/testkit';

import { createLifecycle } from '../src/lifecycle/lifecycle-requests.ts';
import { subscriptionRecords } from '../src/lifecycle/subscription-records.ts';
import { createAcceptNotifications } from '../src/notifications/accept-notifications.ts';
import { coalesceNotices } from '../src/notifications/coalesce-notices.ts';
import { rememberSessions } from '../src/notifications/open-sessions.ts';
import { createSubscriptionLookup } from '../src/notifications/subscription-lookup.ts';
import { type Answered, createWebhook } from '../src/webhook/create-webhook.ts';
import { serveWebhook } from '../src/webhook/serve-webhook.ts';

const SUBSCRIPTION = {
  subscriptionId: '0fc0d6db-0073-42e5-a186-853da75fb308',
  tenantId: '11111111-1111-4111-8111-111111111111',
  mailboxId: '22222222-2222-4222-8222-222222222222',
  folderId: 'inbox',
  clientState: 'a-secret-of-this-subscription',
  expiresAt: '2099-01-01T00:00:00.000Z',
  notificationUrl: 'https://example.com/webhooks/graph',
};

const item = (messageId: string, fields: object = {}) => ({
  subscriptionId: SUBSCRIPTION.subscriptionId,
  clientState: SUBSCRIPTION.clientState,
  changeType: 'created',
  resource: 'Users/other/Messages/other',
  resourceData: { '@odata.type': '#Microsoft.Graph.Message', id: messageId },
  tenantId: '99999999-9999-4999-8999-999999999999',
  ...fields,
});

const event = (lifecycleEvent: string) =>
  item('x', { lifecycleEvent, changeType: undefined, resourceData: undefined });

async function setup() {
  const stack = new AsyncDisposableStack();
  const server = stack.use(await startRedis());
  const redis = await connectRedis({ url: server.url, role: 'producer', name: 'test' });
  stack.defer(() => redis.disconnect());
  const prefix = '{ms1}';
  const inbound = createQueue(QUEUES.inbound, { connection: redis, prefix });
  const polling = createQueue(QUEUES.polling, { connection: redis, prefix });
  const subscriptions = new SubscriptionStore(redis, { prefix });
  const sessions = new SessionStore(redis, { prefix });
  await subscriptions.put(SUBSCRIPTION);
  const producer = createInboundProducer({ queue: inbound, ledger: new Ledger(redis, { prefix }) });
  const answered: Answered[] = [];
  const webhook = createWebhook({
    accept: createAcceptNotifications({
      lookup: createSubscriptionLookup(subscriptions, systemClock),
      sessions: rememberSessions(sessions, systemClock),
      notice: coalesceNotices((messages) => producer.notice(messages)),
      lifecycle: createLifecycle({
        polling,
        records: subscriptionRecords(subscriptions, systemClock),
        folderKey,
      }),
      clock: systemClock,
    }),
    onAnswered: (answer) => answered.push(answer),
  });
  const http = await serveWebhook(webhook, { host: '127.0.0.1', port: 0 });
  stack.defer(() => {
    http.server.closeAllConnections();
    return closeServer(http.server);
  });
  const url = `http://127.0.0.1:${http.port}/webhooks/graph`;
  const post = (body: unknown, headers: Record<string, string> = {}) =>
    fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  return {
    port: http.port,
    url,
    server,
    inbound,
    polling,
    subscriptions,
    sessions,
    answered,
    post,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

describe('the webhook', () => {
  test('sends the decoded token back as plain text that no browser runs', async () => {
    await using bundle = await setup();
    const token = encodeURIComponent('<script>alert(1)</script> +ä');
    const answer = await fetch(`${bundle.url}?validationToken=${token}`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain; charset=utf-8' },
    });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toBe('<script>alert(1)</script> +ä');
    expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(answer.headers.get('content-security-policy')).toBe("default-src 'none'");
    const twice = await fetch(`${bundle.url}?validationToken=a&validationToken=b`, {
      method: 'POST',
    });
    expect([twice.status, await twice.text()]).toEqual([400, '']);
    expect((await fetch(`${bundle.url}?validationToken=a`)).status).toBe(405);
  });

  test('answers 202 when the messages are on inbound, under our own mailbox and the open session', async () => {
    await using bundle = await setup();
    const { mailboxId, tenantId } = SUBSCRIPTION;
    const { session } = await bundle.sessions.create({ name: 's', mailboxes: [mailboxId] });
    const answer = await bundle.post({ value: [item('AAMk1='), item('AAMk2='), item('AAMk1=')] });
    expect([answer.status, await answer.text()]).toEqual([202, '']);
    const jobs = await bundle.inbound.getWaiting();
    expect(jobs.map(({ data }) => (data as { messageId: string }).messageId).toSorted()).toEqual([
      'AAMk1=',
      'AAMk2=',
    ]);
    expect(jobs[0]?.data).toMatchObject({
      v: 1,
      tenantId,
      mailboxId,
      source: 'webhook',
      sessionId: session.id,
    });
    await bundle.post({ value: [item('AAMk2=')] });
    expect(await bundle.inbound.getWaitingCount()).toBe(2);
  });

  test('answers a forged, an unknown and a useless notification as it does a good one, without work', async () => {
    await using bundle = await setup();
    const bad = [
      item('a', { clientState: 'a-secret-of-this-subscriptiox' }),
      item('b', { clientState: null }),
      item('c', { clientState: [SUBSCRIPTION.clientState] }),
      item('d', { subscriptionId: 'ffffffff-0073-42e5-a186-853da75fb308' }),
      item('e', { changeType: 'updated' }),
      { subscriptionId: 7 },
    ];
    for (const value of bad) {
      const answer = await bundle.post({ value: [value] });
      expect([answer.status, await answer.text()]).toEqual([202, '']);
    }
    expect(await bundle.inbound.getWaitingCount()).toBe(0);
    const totals = { forged: 0, unknown: 0, ignored: 0, noticed: 0 };
    for (const { accepted } of bundle.answered) {
      for (const name of ['forged', 'unknown', 'ignored', 'noticed'] as const) {
        totals[name] += accepted?.[name] ?? 0;
      }
    }
    expect(totals).toEqual({ forged: 3, unknown: 1, ignored: 2, noticed: 0 });
  });

  test('takes mixed lifecycle events to the poller, each kind once however often it comes', async () => {
    await using bundle = await setup();
    await bundle.post({ value: [event('missed'), event('missed')] });
    let names = (await bundle.polling.getWaiting()).map(({ name }) => name);
    expect(names).toEqual([JOBS.pollFolder]);
    await bundle.post({ value: [event('reauthorizationRequired')] });
    const record = await bundle.subscriptions.get(SUBSCRIPTION.subscriptionId);
    expect(Date.parse(record?.expiresAt ?? '')).toBeLessThanOrEqual(Date.now());
    await bundle.post({ value: [event('subscriptionRemoved'), event('subscriptionRemoved')] });
    names = (await bundle.polling.getWaiting()).map(({ name }) => name);
    expect(names.toSorted()).toEqual([JOBS.pollFolder, JOBS.renewSubscriptions]);
    expect(await bundle.subscriptions.get(SUBSCRIPTION.subscriptionId)).toBeNull();
    expect(await bundle.inbound.getWaitingCount()).toBe(0);
  });

  test('refuses what is too large, compressed or no collection, and goes on', async () => {
    await using bundle = await setup();
    const padding = ' '.repeat(256 * 1024);
    expect((await bundle.post(`{"value":[]}${padding}`)).status).toBe(413);
    expect((await bundle.post('gzip', { 'content-encoding': 'gzip' })).status).toBe(415);
    expect((await bundle.post('['.repeat(100_000))).status).toBe(400);
    expect((await bundle.post('')).status).toBe(400);
    expect((await bundle.post({ value: [item('AAMk1=')] })).status).toBe(202);
    expect((await fetch(bundle.url.replace('graph', 'other'), { method: 'POST' })).status).toBe(
      404,
    );
  });

  test('answers 503 in less than 2.5 s while Redis hangs, and 202 again once it does not', async () => {
    await using bundle = await setup();
    expect((await bundle.post({ value: [item('before')] })).status).toBe(202);
    bundle.server.process.kill('SIGSTOP');
    const startedAt = performance.now();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => bundle.post({ value: [item(`frozen${index}`)] })),
    );
    expect(performance.now() - startedAt).toBeLessThan(2_500);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]));
    expect(answers[0]?.headers.get('retry-after')).toBe('5');
    bundle.server.process.kill('SIGCONT');
    // Graph sends them again; what had reached Redis before the thaw is one job all the same.
    for (let index = 0; index < 20; index += 1) {
      expect((await bundle.post({ value: [item(`frozen${index}`)] })).status).toBe(202);
    }
    expect(await bundle.inbound.getWaitingCount()).toBe(21);
  }, 15_000);

  test('refuses a header bomb and requests that smuggle another', async () => {
    await using bundle = await setup();
    const bomb = `POST /webhooks/graph HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(9_000)}\r\n\r\n`;
    expect(await raw(bundle.port, bomb)).toMatch(/^HTTP\/1\.1 431/);
    const smuggled =
      'POST /webhooks/graph HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n';
    expect(await raw(bundle.port, smuggled)).toMatch(/^HTTP\/1\.1 400/);
  });
});

/** Sends bytes as they are and answers with what came back until the connection was closed. */
function raw(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect({ port, host: '127.0.0.1' }, () => socket.write(bytes));
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      text += chunk;
    });
    socket.on('close', () => resolve(text));
    socket.on('error', reject);
  });
}
