import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { freePort, spawnApp, startRedis, until } from '@ms1/testkit';

import { setup } from './poller-bundle.ts';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));

const CONFIGURED = {
  GRAPH_BASE_URL: 'http://127.0.0.1:1/v1.0',
  GRAPH_STATIC_TOKEN: 'a-token-for-tests',
  GRAPH_TENANT_ID: '11111111-1111-4111-8111-111111111111',
  MAILBOXES: '22222222-2222-4222-8222-222222222222=Invoices',
};

describe('poller', () => {
  test('finds every message of every mailbox by polling alone, each once, and ends with 0 on SIGTERM', async () => {
    await using bundle = await setup({ mailboxes: 3 });
    const poller = await bundle.startPoller({ INGEST_SINCE: '2000-01-01T00:00:00Z' });
    await bundle.control('inject', { messages: 300, mailboxes: 3, seed: 1, announced: 0 });
    await until(async () => (await bundle.inbound.getWaitingCount()) >= 300, {
      what: '300 messages are on inbound',
    });
    expect(await bundle.inbound.getWaitingCount()).toBe(300);
    const [job] = await bundle.inbound.getWaiting(0, 0);
    expect(job?.data).toMatchObject({ v: 1, source: 'poll', sessionId: null, metadata: {} });
    expect(await poller.stop('SIGTERM')).toBe(0);
  });

  test('names every variable that is wrong and ends with 1', async () => {
    await using app = spawnApp({
      entry: MAIN,
      env: {
        REDIS_URL: 'nowhere',
        GRAPH_TENANT_ID: 'contoso',
        MAILBOXES: 'invoices@contoso.example',
        NOTIFICATION_URL: 'http://contoso.example/webhooks/graph',
        POLLER_INTERVAL_MS: 'often',
        INGEST_SINCE: 'yesterday',
      },
    });
    expect(await app.exited).toBe(1);
    for (const name of [
      'REDIS_URL',
      'GRAPH_TENANT_ID',
      'MAILBOXES',
      'NOTIFICATION_URL',
      'POLLER_INTERVAL_MS',
      'INGEST_SINCE',
      'GRAPH_CLIENT_ID and GRAPH_CLIENT_SECRET',
    ]) {
      expect(app.output()).toMatch(new RegExp(`config: (configuration: )?${name}`));
    }
    expect(app.output()).not.toContain('contoso.example');
  });

  test.each([
    [{ GRAPH_STATIC_TOKEN: '' }, /GRAPH_CLIENT_ID and GRAPH_CLIENT_SECRET must both be set/],
    [
      { GRAPH_BASE_URL: 'https://graph.microsoft.com/v1.0' },
      /GRAPH_STATIC_TOKEN is for .*loopback/,
    ],
    [{ GRAPH_BASE_URL: 'http://graph.example/v1.0' }, /GRAPH_BASE_URL: it must be https/],
  ])('refuses credentials that do not fit the service: %j', async (env, sentence) => {
    await using app = spawnApp({ entry: MAIN, env: { ...CONFIGURED, ...env } });
    expect(await app.exited).toBe(1);
    expect(app.output()).toMatch(sentence);
  });

  test('says in one sentence that its port is taken and ends with 1', async () => {
    await using redis = await startRedis();
    await using app = spawnApp({
      entry: MAIN,
      // Redis has the port already.
      env: { ...CONFIGURED, REDIS_URL: redis.url, HEALTH_PORT: String(redis.port) },
    });
    expect(await app.exited).toBe(1);
    expect(app.output()).toContain(`port ${redis.port} (HEALTH_PORT) is already in use`);
  });

  test('says in one sentence that Redis is down and ends with 1', async () => {
    const port = await freePort();
    await using app = spawnApp({
      entry: MAIN,
      env: { ...CONFIGURED, REDIS_URL: `redis://127.0.0.1:${port}` },
    });
    expect(await app.exited).toBe(1);
    expect(app.output()).toMatch(new RegExp(`cannot start: .*127.0.0.1:${port}`));
    // A fleet may start together with its Redis: it is given 5 s.
  });
});
