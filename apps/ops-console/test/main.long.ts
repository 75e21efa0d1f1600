import { describe, expect, test } from '@jest/globals';
import { CONSOLE_PASSWORD, CONSOLE_TOKEN, startConsole, startRedis, until } from '@ms1/testkit';

describe('ops-console', () => {
  test('becomes ready, answers, and ends with 0 on SIGTERM', async () => {
    await using redis = await startRedis();
    await using app = await startConsole(redis.url);
    const status = await fetch(`${app.url}/api/status`, {
      headers: { authorization: `Bearer ${CONSOLE_TOKEN}` },
    });
    expect(status.status).toBe(200);
    expect(await status.json()).toMatchObject({ mailboxes: 1, folders: ['inbox'] });
    expect(await app.stop('SIGTERM')).toBe(0);
  });

  test('counts tries to log in and tells of the first that was refused unseen, and never a guess', async () => {
    await using redis = await startRedis();
    await using app = await startConsole(redis.url, { OPS_CONSOLE_TRUSTED_PROXIES: '1' });
    const statuses: number[] = [];
    for (let n = 0; n < 8; n += 1) {
      const { status } = await fetch(`${app.url}/login`, {
        method: 'POST',
        headers: { 'x-forwarded-for': '203.0.113.7' },
        body: new URLSearchParams({ password: `canary-guess-${n}` }),
      });
      statuses.push(status);
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429, 429]);
    const metrics = await (await fetch(`${app.health}/metrics`)).text();
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
    await using redis = await startRedis();
    const publicUrl = { OPS_CONSOLE_PUBLIC_URL: 'https://console.example' };
    await using one = await startConsole(redis.url, publicUrl);
    await using other = await startConsole(redis.url, publicUrl);
    const ask = (url: string, init: RequestInit = {}) =>
      fetch(url, { redirect: 'manual', ...init });
    const body = new URLSearchParams({ password: CONSOLE_PASSWORD });
    const login = await ask(`${one.url}/login`, { method: 'POST', body });
    const set = login.headers.get('set-cookie') ?? '';
    expect(set).toMatch(/^__Host-ms1_console=.*; Path=\/; .*; HttpOnly; SameSite=Strict; Secure$/);
    const headers = { cookie: set.split(';')[0] ?? '' };
    const statuses = async () =>
      Promise.all(
        [one, other].map(async ({ url }) => (await ask(`${url}/api/me`, { headers })).status),
      );
    expect(await statuses()).toEqual([200, 200]);
    expect((await ask(`${other.url}/logout`, { method: 'POST', headers })).status).toBe(303);
    expect(await statuses()).toEqual([401, 401]);
    expect(await Promise.all([one, other].map((app) => app.stop('SIGTERM')))).toEqual([0, 0]);
  });

  test('is not ready while Redis is down, and stays up', async () => {
    await using redis = await startRedis();
    await using app = await startConsole(redis.url);
    const readyz = `${app.health}/readyz`;
    await redis.kill();
    await until(async () => (await fetch(readyz)).status === 503, { what: 'not ready' });
    expect((await fetch(`${app.health}/healthz`)).status).toBe(200);
    expect(await app.stop('SIGTERM')).toBe(0);
  });
});
