import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { freePort, type SpawnedApp, spawnApp, startRedis, until } from '@ms1/testkit';

const ENTRY = join(import.meta.dirname, '../src/main.ts');
const MAILBOX = '11111111-1111-4111-8111-111111111111';

async function setup() {
  const redis = await startRedis();
  const [port, healthPort] = [await freePort(), await freePort()];
  const apps: SpawnedApp[] = [];
  return {
    port,
    healthPort,
    redis,
    start(env: Record<string, string> = {}): SpawnedApp {
      const app = spawnApp({
        entry: ENTRY,
        env: {
          REDIS_URL: redis.url,
          HEALTH_PORT: String(healthPort),
          OPS_CONSOLE_PORT: String(port),
          OPS_CONSOLE_PASSWORD: 'correct horse',
          OPS_CONSOLE_TOKEN: 'token-of-sixteen-or-more',
          GRAPH_TENANT_ID: '99999999-9999-4999-8999-999999999999',
          MAILBOXES: MAILBOX,
          ...env,
        },
      });
      apps.push(app);
      return app;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(apps.map((app) => app.stop('SIGKILL')));
      await redis.stop();
    },
  };
}

describe('ops-console', () => {
  test('becomes ready, answers, and ends with 0 on SIGTERM', async () => {
    await using bundle = await setup();
    const app = bundle.start();
    await app.ready(`http://127.0.0.1:${bundle.healthPort}/readyz`);
    const status = await fetch(`http://127.0.0.1:${bundle.port}/api/status`, {
      headers: { authorization: 'Bearer token-of-sixteen-or-more' },
    });
    expect(status.status).toBe(200);
    expect(await status.json()).toMatchObject({ mailboxes: 1, folders: ['inbox'] });
    expect(await app.stop('SIGTERM')).toBe(0);
  });

  test('counts tries to log in and tells of the first that was refused unseen, and never a guess', async () => {
    await using bundle = await setup();
    const app = bundle.start({ OPS_CONSOLE_TRUSTED_PROXIES: '1' });
    await app.ready(`http://127.0.0.1:${bundle.healthPort}/readyz`);
    const statuses: number[] = [];
    for (let n = 0; n < 8; n += 1) {
      const { status } = await fetch(`http://127.0.0.1:${bundle.port}/login`, {
        method: 'POST',
        headers: { 'x-forwarded-for': '203.0.113.7' },
        body: new URLSearchParams({ password: `canary-guess-${n}` }),
      });
      statuses.push(status);
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429, 429]);
    const metrics = await (await fetch(`http://127.0.0.1:${bundle.healthPort}/metrics`)).text();
    const count = (outcome: string) =>
      new RegExp(
        `^ms1_console_logins_total\\{by="password",outcome="${outcome}"\\} (\\d+)$`,
        'm',
      ).exec(metrics)?.[1];
    expect([count('wrong'), count('limited_address')]).toEqual(['5', '3']);
    expect(await app.stop('SIGTERM')).toBe(0);
    expect(app.output().match(/"outcome":"limited_address"/g)).toHaveLength(1);
    expect(app.output()).not.toMatch(/canary-guess|203\.0\.113/);
  });

  test('a login holds at another process, for https alone, until it is ended at either', async () => {
    await using bundle = await setup();
    const [port, healthPort] = [await freePort(), await freePort()];
    const publicUrl = { OPS_CONSOLE_PUBLIC_URL: 'https://console.example' };
    const other = { OPS_CONSOLE_PORT: String(port), HEALTH_PORT: String(healthPort) };
    const apps = [bundle.start(publicUrl), bundle.start({ ...publicUrl, ...other })];
    for (const [n, app] of apps.entries()) {
      await app.ready(`http://127.0.0.1:${n === 0 ? bundle.healthPort : healthPort}/readyz`);
    }
    const ask = (at: number, path: string, init: RequestInit = {}) =>
      fetch(`http://127.0.0.1:${at}${path}`, { redirect: 'manual', ...init });
    const body = new URLSearchParams({ password: 'correct horse' });
    const login = await ask(bundle.port, '/login', { method: 'POST', body });
    const set = login.headers.get('set-cookie') ?? '';
    expect(set).toMatch(/^__Host-ms1_console=.*; Path=\/; .*; HttpOnly; SameSite=Strict; Secure$/);
    const headers = { cookie: set.split(';')[0] ?? '' };
    const statuses = async () =>
      Promise.all(
        [bundle.port, port].map(async (at) => (await ask(at, '/api/me', { headers })).status),
      );
    expect(await statuses()).toEqual([200, 200]);
    expect((await ask(port, '/logout', { method: 'POST', headers })).status).toBe(303);
    expect(await statuses()).toEqual([401, 401]);
    expect(await Promise.all(apps.map((app) => app.stop('SIGTERM')))).toEqual([0, 0]);
  });

  test('is not ready while Redis is down, and stays up', async () => {
    await using bundle = await setup();
    const app = bundle.start();
    const readyz = `http://127.0.0.1:${bundle.healthPort}/readyz`;
    await app.ready(readyz);
    await bundle.redis.kill();
    await until(async () => (await fetch(readyz)).status === 503, { what: 'not ready' });
    expect((await fetch(`http://127.0.0.1:${bundle.healthPort}/healthz`)).status).toBe(200);
    expect(await app.stop('SIGTERM')).toBe(0);
  });
});
