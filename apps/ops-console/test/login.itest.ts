import { createHmac } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { until } from '@ms1/testkit';
import { decodeJwt, decodeProtectedHeader, SignJWT } from 'jose';
import { LoginTries } from '../src/auth/login-tries.ts';

import { PASSWORD, consoleBundle as setup } from './console-bundle.ts';
import { setUpTwo } from './two-consoles.ts';

const HOUR_MS = 3_600_000;

const post = (password: string, headers = {}): RequestInit => ({
  method: 'POST',
  headers,
  body: new URLSearchParams({ password, next: '/queues/queue/inbound' }),
});

describe('login', () => {
  test('the right password leads on with a cookie that only this server reads, until it expires', async () => {
    await using bundle = await setup();
    const response = await bundle.request('/login', post(PASSWORD));
    expect([response.status, response.headers.get('location')]).toEqual([
      303,
      '/queues/queue/inbound',
    ]);
    const header = response.headers.get('set-cookie') ?? '';
    expect(header).toMatch(/; Path=\/; Max-Age=28800; HttpOnly; SameSite=Strict$/);
    const cookie = header.split(';')[0] ?? '';
    const status = async () => (await bundle.request('/queues', { headers: { cookie } })).status;
    expect(await status()).toBe(200);
    bundle.clock.at += 8 * 3_600_000;
    expect(await status()).toBe(401);
  });

  test('behind a TLS proxy the cookie is for https only', async () => {
    await using bundle = await setup();
    const response = await bundle.request(
      '/login',
      post(PASSWORD, { 'x-forwarded-proto': 'https' }),
    );
    expect(response.headers.get('set-cookie')).toMatch(/^__Host-ms1_console=.*; Secure$/);
  });

  test('a browser without a login is shown the page, a program is told 401', async () => {
    await using bundle = await setup();
    const page = await bundle.request('/queues/queue/inbound', {
      headers: { accept: 'text/html' },
    });
    expect(page.status).toBe(401);
    expect(page.text).toContain('value="/queues/queue/inbound"');
    const reply = await bundle.request('/queues/api/queues', {
      headers: { accept: 'application/json' },
    });
    expect([reply.status, reply.headers.get('content-type')]).toEqual([
      401,
      expect.stringContaining('application/problem+json'),
    ]);
  });

  test.each([
    '//evil.example',
    'https://evil.example',
    '/queues"><script>',
    '/login',
    '/queues\\..',
  ])('never leads to %s', async (next) => {
    await using bundle = await setup();
    const page = await bundle.request(`/login?next=${encodeURIComponent(next)}`);
    expect(page.text).toContain('name="next" value="/console"');
    const body = new URLSearchParams({ password: PASSWORD, next });
    const response = await bundle.request('/login', { method: 'POST', body });
    expect(response.headers.get('location')).toBe('/console');
  });

  test('refuses a form that another site sent', async () => {
    await using bundle = await setup();
    for (const path of ['/login', '/logout']) {
      const response = await bundle.request(path, {
        ...post(PASSWORD, { 'sec-fetch-site': 'cross-site' }),
      });
      expect([response.status, response.headers.get('set-cookie')]).toEqual([403, null]);
    }
  });
});

describe('a login under two consoles', () => {
  test('that is logged out of at one is over at both, also for whoever has a copy; others go on', async () => {
    await using at = await setUpTwo();
    const { one, two, statuses, statusAt } = at;
    const [cookie, other] = [await one.login(), await two.login()];
    expect(await statuses(cookie)).toEqual([200, 200]);
    const out = await two.request('/logout', { method: 'POST', headers: { cookie } });
    expect([out.status, out.headers.get('location')]).toEqual([303, '/login']);
    expect(out.headers.get('set-cookie')).toMatch(/^ms1_console=; Path=\/; Max-Age=0/);
    for (const path of ['/api/me', '/queues', '/console', '/api/events']) {
      expect([path, await statusAt(one, cookie, path)]).toEqual([path, 401]);
      expect([path, await statusAt(two, cookie, path)]).toEqual([path, 401]);
    }
    expect(await statuses(other)).toEqual([200, 200]);
    // For as long as it would have lasted, and again is no other answer.
    expect(await one.redis.pttl(await onlyKey(one, 'ended-login'))).toBeGreaterThan(7 * HOUR_MS);
    expect((await one.request('/logout', { method: 'POST', headers: { cookie } })).status).toBe(
      303,
    );
    expect(await statuses(await one.login())).toEqual([200, 200]);
  });

  test('is not made by who knows the password, at none of them', async () => {
    await using at = await setUpTwo();
    const { one, statuses } = at;
    const cookie = await one.login();
    // How the first version signed: by nothing but the password.
    const key = hmac(JSON.stringify([PASSWORD, undefined]), 'ms1 console cookie v2');
    const boss = { by: 'oidc', subject: 'boss', role: 'admin', expires: 9e15 };
    const text = Buffer.from(JSON.stringify(boss)).toString('base64url');
    const old = `ms1_console=${text}.${hmac(key, text).toString('base64url')}`;
    // And how this one does, if its key were the password.
    const claims = decodeJwt(cookie.split('=')[1] ?? '');
    const header = { alg: 'HS256', ...decodeProtectedHeader(cookie.split('=')[1] ?? '') };
    const forge = async (secret: Uint8Array) =>
      `ms1_console=${await new SignJWT({ ...claims, by: 'oidc', sub: 'boss', role: 'admin' })
        .setProtectedHeader(header)
        .sign(secret)}`;
    for (const forged of [old, await forge(Buffer.from(PASSWORD)), await forge(key)]) {
      expect(await statuses(forged)).toEqual([401, 401]);
    }
    expect(await statuses(cookie)).toEqual([200, 200]);
    expect(await one.operators.list()).toEqual([]);
  });

  test('holds while keys change, until its own eight hours are over', async () => {
    await using at = await setUpTwo();
    const { one, two, statuses } = at;
    const first = await one.login();
    one.clock.at += 20 * HOUR_MS;
    const early = await two.login();
    one.clock.at += 5 * HOUR_MS;
    const late = await one.login();
    const kid = (cookie: string) => decodeProtectedHeader(cookie.split('=')[1] ?? '').kid;
    expect(kid(early)).toBe(kid(first));
    expect(kid(late)).not.toBe(kid(early));
    expect(await statuses(first)).toEqual([401, 401]);
    expect(await statuses(early)).toEqual([200, 200]);
    one.clock.at += 3 * HOUR_MS;
    expect(await statuses(early)).toEqual([401, 401]);
    expect(await statuses(late)).toEqual([200, 200]);
  });

  test('is over at once, and everybody else’s, when the keys are deleted', async () => {
    await using at = await setUpTwo();
    const { one, two, statuses } = at;
    const cookies = [await one.login(), await two.login()];
    await one.redis.del('{ms1}:console:login-keys');
    for (const cookie of cookies) expect(await statuses(cookie)).toEqual([401, 401]);
    expect(await statuses(await two.login())).toEqual([200, 200]);
  });

  test('by keys of the operator holds where they are configured, and not in a store that was emptied', async () => {
    const [old, young] = ['o', 'y'].map((id) => ({
      id,
      secret: Buffer.from(id.repeat(32)).toString('base64url'),
    }));
    if (!old || !young) throw new Error('two keys');
    await using before = await setup({ access: { loginKeys: [old] } });
    await using after = await setup({ access: { loginKeys: [young, old] }, beside: before });
    await using done = await setup({ access: { loginKeys: [young] }, beside: before });
    const status = async (bundle: typeof before, cookie: string) =>
      (await bundle.request('/api/me', { headers: { cookie } })).status;
    const cookie = await before.login();
    expect([await status(after, cookie), await status(done, cookie)]).toEqual([200, 401]);
    const fresh = await after.login();
    expect([await status(before, fresh), await status(done, fresh)]).toEqual([401, 200]);
    await after.request('/logout', { method: 'POST', headers: { cookie: fresh } });
    expect(await status(done, fresh)).toBe(401);
    // What was ended is forgotten now; and so is everything that was begun.
    await before.redis.flushall();
    expect([await status(done, fresh), await status(before, cookie)]).toEqual([401, 401]);
    expect(await status(done, await done.login())).toBe(200);
  });

  test('opens nothing while Redis is away, is not logged out of then, and is no other when it is back', async () => {
    await using at = await setUpTwo();
    const { one, two, statuses, statusAt } = at;
    const cookie = await one.login();
    for (const { redis } of [one, two]) redis.options.commandTimeout = 200;
    one.redisServer.process.kill('SIGSTOP');
    try {
      for (const path of ['/api/me', '/console', '/queues', '/api/events']) {
        expect([path, await statusAt(two, cookie, path)]).toEqual([path, 503]);
      }
      const out = await one.request('/logout', { method: 'POST', headers: { cookie } });
      expect([out.status, out.headers.get('set-cookie')]).toEqual([503, null]);
      expect(out.text).toContain('You are still logged in');
      expect((await one.request('/login', post(PASSWORD))).status).toBe(503);
      expect((await one.request('/login')).status).toBe(200);
    } finally {
      one.redisServer.process.kill('SIGCONT');
      for (const { redis } of [one, two]) delete redis.options.commandTimeout;
    }
    await one.redis.ping();
    await until(async () => (await statusAt(two, cookie)) === 200, {
      what: 'the login holds again',
    });
    expect((await one.request('/logout', { method: 'POST', headers: { cookie } })).status).toBe(
      303,
    );
    expect(await statuses(cookie)).toEqual([401, 401]);
    expect(one.logins.map(({ outcome }) => outcome)).toEqual(['ok', 'logout_failed', 'logout']);
  });
});

describe('guessing the password', () => {
  const PROXIED = { access: { trustedProxies: 1 } };
  const from = (address: string, password = 'a guess') =>
    post(password, { 'x-forwarded-for': `198.51.100.99, ${address}` });

  test('makes one address wait at all consoles, and nobody else', async () => {
    await using at = await setUpTwo(PROXIED);
    const { one, two } = at;
    const guesses = await Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        // As proxies write it: another port each time.
        (n % 2 === 0 ? one : two).request('/login', from(`203.0.113.7:${4_000 + n}`)),
      ),
    );
    const statuses = guesses.map(({ status }) => status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(5);
    expect(statuses.filter((status) => status === 429)).toHaveLength(7);
    const right = await two.request('/login', from('203.0.113.7', PASSWORD));
    expect([right.status, right.headers.get('set-cookie')]).toEqual([429, null]);
    expect(Number(right.headers.get('retry-after'))).toBe(60);
    for (const [bundle, address] of [
      [one, '203.0.113.8'],
      [two, '[2001:db8::1]:4000'],
    ] as const) {
      expect((await bundle.request('/login', from(address, PASSWORD))).status).toBe(303);
    }
    // Only the first of those that were refused unseen is for the log.
    const limited = [...one.logins, ...two.logins].filter(
      ({ outcome }) => outcome === 'limited_address',
    );
    expect(limited).toHaveLength(8);
    expect(limited.filter(({ again }) => !again)).toHaveLength(1);
    one.clock.at += 60_000;
    expect((await one.request('/login', from('203.0.113.7', PASSWORD))).status).toBe(303);
  });

  test('with another address of one network of IPv6 each time is guessing from one', async () => {
    await using bundle = await setup(PROXIED);
    const statuses: number[] = [];
    for (let n = 0; n < 7; n += 1) {
      statuses.push((await bundle.request('/login', from(`2001:db8:0:7::${n}`))).status);
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429]);
    expect((await bundle.request('/login', from('2001:db8:0:8::1', PASSWORD))).status).toBe(303);
  });

  test('is not helped by a header where no proxy is configured, nor by one too few', async () => {
    await using direct = await setup();
    await using two = await setup({ access: { trustedProxies: 3 }, beside: direct });
    for (const bundle of [direct, two]) {
      for (let n = 0; n < 5; n += 1) {
        const wrong = await bundle.request('/login', from(`203.0.113.${n}`));
        expect([wrong.status, wrong.headers.get('set-cookie')]).toEqual([401, null]);
      }
      const limited = await bundle.request('/login', from('203.0.113.77', PASSWORD));
      expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '60']);
    }
    // An operator is told why everybody waits.
    expect(direct.logins.at(-1)).toMatchObject({ outcome: 'limited_address', strangeProxy: true });
    expect(two.logins.at(-1)).toMatchObject({ outcome: 'limited_address', strangeProxy: false });
    direct.clock.at += 60_000;
    expect((await direct.request('/login', post(PASSWORD))).status).toBe(303);
  });

  test('from many addresses slows all down, and keeps the right password of a new one from nobody', async () => {
    await using bundle = await setup(PROXIED);
    const tries = new LoginTries(bundle.redis, { clock: bundle.clock });
    for (let n = 0; n < 300; n += 1) await tries.take(`203.0.113.${n % 100}`);
    const statuses: number[] = [];
    for (let n = 0; n < 4; n += 1) {
      statuses.push((await bundle.request('/login', from('192.0.2.1'))).status);
    }
    expect(statuses).toEqual([401, 401, 401, 429]);
    expect((await bundle.request('/login', from('192.0.2.2', PASSWORD))).status).toBe(303);
    expect(bundle.logins.map(({ outcome }) => outcome)).toContain('limited_all');
  });
});

async function onlyKey(bundle: Awaited<ReturnType<typeof setup>>, thing: string): Promise<string> {
  const keys = await bundle.redis.keys(`{ms1}:console:${thing}:*`);
  expect(keys).toHaveLength(1);
  return keys[0] ?? '';
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
