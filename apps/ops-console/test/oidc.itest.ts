import { describe, expect, test } from '@jest/globals';
import { exportSPKI, SignJWT } from 'jose';

import { consoleBundle, TOKEN } from './console-bundle.ts';
import { CLIENT_ID, CLIENT_SECRET, startProvider } from './start-provider.ts';

const PUBLIC_URL = 'http://console.example';

async function setup(publicUrl = PUBLIC_URL) {
  const provider = await startProvider();
  const options = {
    access: { publicUrl },
    oidc: {
      issuer: provider.issuer,
      clientId: CLIENT_ID,
      clientSecret: CLIENT_SECRET,
      audience: CLIENT_ID,
      keysCooldownMs: 0,
    },
  };
  const bundle = await consoleBundle(options);
  const statusOf = async (token: string, method = 'GET', path = '/api/status') => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    return (await bundle.request(path, { method, headers })).status;
  };
  return {
    bundle,
    options,
    provider,
    statusOf,
    async [Symbol.asyncDispose]() {
      await bundle[Symbol.asyncDispose]();
      await provider.stop();
    },
  };
}

describe('bearer JWTs', () => {
  test('app roles are our roles, the highest counts, and the log names the subject that was proved', async () => {
    await using at = await setup();
    const { provider, statusOf, bundle } = at;
    const rights = async (roles: unknown) => {
      const token = await provider.sign({ roles, oid: 'object-1' });
      return [await statusOf(token), await statusOf(token, 'POST', '/api/queues/inbound/pause')];
    };
    expect(await rights(['Ms1.Reader'])).toEqual([200, 403]);
    expect(await rights(['Other', 'Ms1.Reader', 'Ms1.Admin'])).toEqual([200, 200]);
    expect(await rights(['Ms1.Operator'])).toEqual([200, 200]);
    for (const none of [undefined, [], ['ms1.admin'], 'Ms1.Admin', { 0: 'Ms1.Admin' }]) {
      expect(await rights(none)).toEqual([403, 403]);
    }
    const [line] = await bundle.operators.list();
    expect(line).toMatchObject({ by: 'oidc', subject: 'object-1' });
    // The keys were asked for once.
    expect(provider.hits['/keys']).toBe(1);
  });

  test('no token opens that is expired, early, for another, by another, by another key or algorithm', async () => {
    await using at = await setup();
    const { provider, statusOf } = at;
    const now = Math.floor(Date.now() / 1_000);
    const good = { roles: ['Ms1.Admin'] };
    const [header = '', , signature = ''] = (await provider.sign(good)).split('.');
    const claims = { ...good, iss: provider.issuer, aud: CLIENT_ID, sub: 'x', exp: now + 300 };
    const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
    const publicKey = provider.publicKey();
    if (!publicKey) throw new Error('no key');
    const attacker = await startProvider();
    const stranger = await provider.makeKey();
    const bad: Record<string, string> = {
      expired: await provider.sign({ ...good, exp: now - 60 }),
      'without an end': await provider.sign({ ...good, exp: undefined }),
      early: await provider.sign({ ...good, nbf: now + 600 }),
      'for another audience': await provider.sign({ ...good, aud: 'api://other' }),
      'by another issuer': await provider.sign({ ...good, iss: `${provider.issuer}/other` }),
      'by another key': await provider.sign(good, { key: stranger }),
      'by a key that it brings along': await provider.sign(good, {
        key: stranger,
        header: { jku: `${attacker.issuer}/keys`, x5u: `${attacker.issuer}/keys` },
      }),
      'by a key of an attacker under our kid': await attacker.sign(
        { ...good, iss: provider.issuer },
        { header: { kid: JSON.parse(Buffer.from(header, 'base64url').toString()).kid as string } },
      ),
      unsigned: `${encode({ alg: 'none' })}.${encode(claims)}.`,
      'unsigned with a signature': `${encode({ alg: 'none' })}.${encode(claims)}.${signature}`,
      'HS256 with the public key': await new SignJWT(claims)
        .setProtectedHeader({ alg: 'HS256' })
        .sign(new TextEncoder().encode(await exportSPKI(publicKey))),
      'with other claims than signed': `${header}.${encode(claims)}.${signature}`,
      'an ID token': await provider.sign({ ...good, nonce: 'n' }),
    };
    for (const [name, token] of Object.entries(bad)) {
      expect([name, await statusOf(token)]).toEqual([name, 401]);
    }
    expect(attacker.hits['/keys']).toBeUndefined();
    // Control: the same claims, signed as they should be, open.
    expect(await statusOf(await provider.sign(good))).toBe(200);
    await attacker.stop();
  });

  test('a new key of the provider is found without a restart, and the old one opens no more', async () => {
    await using at = await setup();
    const { provider, statusOf } = at;
    const old = await provider.sign({ roles: ['Ms1.Reader'] });
    expect(await statusOf(old)).toBe(200);
    await provider.rotate();
    expect(await statusOf(await provider.sign({ roles: ['Ms1.Reader'] }))).toBe(200);
    expect(await statusOf(old)).toBe(401);
  });

  test('a provider that is down is a 503 for its tokens, and nothing to those with a token of ours', async () => {
    await using at = await setup();
    const { provider, statusOf, bundle } = at;
    const token = await provider.sign({ roles: ['Ms1.Reader'] });
    await provider.stop();
    expect(await statusOf(token)).toBe(503);
    expect(await statusOf(TOKEN)).toBe(200);
    expect((await bundle.request('/login/oidc')).status).toBe(503);
  });
});

describe('login by the provider', () => {
  /** What a browser does: leaves for the provider, is led back, and is here again. */
  async function walk(at: Awaited<ReturnType<typeof setup>>, next = '/queues') {
    const { bundle } = at;
    const begun = await bundle.request(`/login/oidc?next=${encodeURIComponent(next)}`);
    const set = begun.headers.get('set-cookie') ?? '';
    const away = begun.headers.get('location') ?? '';
    const led = await fetch(away, { redirect: 'manual' });
    await led.text();
    const back = new URL(led.headers.get('location') ?? '');
    const cookie = set.split(';')[0] ?? '';
    const come = (path: string, headers: Record<string, string> = { cookie }) =>
      bundle.request(path, { headers });
    return { begun, set, away: new URL(away), path: back.pathname + back.search, come };
  }
  const sessionOf = (headers: Headers): string =>
    headers.getSetCookie().find((one) => one.startsWith('ms1_console=')) ?? '';

  test('ends with a cookie of the role and the subject that the provider said, where one wanted to go', async () => {
    await using at = await setup();
    const { begun, set, away, path, come } = await walk(at, '/queues/queue/inbound');
    expect(begun.status).toBe(303);
    expect(set).toMatch(/^ms1_login=.*; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax$/);
    expect(Object.fromEntries(away.searchParams)).toMatchObject({
      client_id: CLIENT_ID,
      response_type: 'code',
      code_challenge_method: 'S256',
      redirect_uri: `${PUBLIC_URL}/login/oidc/callback`,
    });
    const arrived = await come(path);
    expect(arrived.status).toBe(200);
    expect(arrived.text).toContain('content="0;url=/queues/queue/inbound"');
    const session = sessionOf(arrived.headers);
    expect(session).toMatch(/HttpOnly; SameSite=Strict$/);
    const cookie = session.split(';')[0] ?? '';
    const paused = await at.bundle.request('/api/queues/inbound/pause', {
      method: 'POST',
      headers: { cookie, 'x-ms1-page': '1', 'content-type': 'application/json' },
    });
    expect(paused.status).toBe(200);
    expect((await at.bundle.operators.list())[0]).toMatchObject({
      by: 'oidc',
      subject: 'person-1',
    });
  });

  test('is good for once, in the browser that began it, with the state and nonce it began with', async () => {
    await using at = await setup();
    const first = await walk(at);
    expect((await first.come(first.path, {})).status).toBe(400);
    const other = await walk(at);
    // Another attempt's answer, as one is led to it by somebody else's link.
    expect((await first.come(other.path)).status).toBe(401);
    expect((await first.come(first.path.replace(/state=[^&]+/, 'state=forged'))).status).toBe(401);
    expect((await first.come('/login/oidc/callback?error=access_denied&state=x')).status).toBe(401);
    at.provider.state.person = { sub: 'person-1', roles: ['Ms1.Admin'], nonce: 'another' };
    expect((await first.come(first.path)).status).toBe(401);
    const third = await walk(at);
    at.provider.state.person = { sub: 'person-1', roles: ['Ms1.Admin'] };
    expect(sessionOf((await third.come(third.path)).headers)).not.toBe('');
    expect((await third.come(third.path)).status).toBe(401);
  });

  test('where browsers come by https both cookies are for https and this host alone, whatever a proxy says', async () => {
    await using at = await setup('https://console.example');
    const plain = { 'x-forwarded-proto': 'http' };
    const { set, path, come } = await walk(at);
    expect(set).toMatch(/^__Host-ms1_login=.*; Path=\/; .*; Secure$/);
    const [cookie = ''] = set.split(';');
    // Under the name without the prefix somebody else could have set it.
    expect((await come(path, { cookie: cookie.replace('__Host-', ''), ...plain })).status).toBe(
      400,
    );
    const arrived = await come(path, { cookie, ...plain });
    const [ended, session = ''] = arrived.headers.getSetCookie();
    expect(ended).toMatch(/^__Host-ms1_login=; Path=\/; Max-Age=0; .*; Secure$/);
    expect(session).toMatch(/^__Host-ms1_console=.*; SameSite=Strict; Secure$/);
    const me = (name: string) =>
      at.bundle.request('/api/me', { headers: { cookie: name.split(';')[0] ?? '', ...plain } });
    expect((await me(session)).status).toBe(200);
    expect((await me(session.replace('__Host-', ''))).status).toBe(401);
  });

  test('is begun at one console and ended at another, and not after ten minutes or with keys that are gone', async () => {
    await using at = await setup();
    await using other = await consoleBundle({ ...at.options, beside: at.bundle });
    const first = await walk(at);
    const cookie = first.set.split(';')[0] ?? '';
    const arrived = await other.request(first.path, { headers: { cookie } });
    const session = sessionOf(arrived.headers).split(';')[0] ?? '';
    const me = () => at.bundle.request('/api/me', { headers: { cookie: session } });
    expect((await me()).status).toBe(200);
    const late = await walk(at);
    at.bundle.clock.at += 600_000;
    expect((await late.come(late.path)).status).toBe(400);
    const lost = await walk(at);
    await at.bundle.redis.del('{ms1}:console:login-keys');
    expect((await lost.come(lost.path)).status).toBe(400);
    expect((await me()).status).toBe(401);
    const again = await walk(at);
    expect((await again.come(again.path)).status).toBe(200);
  });

  test('whom the provider knows and gave no role may not come in', async () => {
    await using at = await setup();
    at.provider.state.person = { sub: 'person-2', roles: ['Other.Admin'] };
    const { path, come } = await walk(at);
    const arrived = await come(path);
    expect([arrived.status, sessionOf(arrived.headers)]).toEqual([403, '']);
    expect(arrived.text).toContain('Ms1.Reader');
  });

  test('never leads on to another site, and the login page offers it', async () => {
    await using at = await setup();
    const { path, come } = await walk(at, 'https://evil.example');
    expect((await come(path)).text).not.toContain('evil');
    expect((await at.bundle.request('/login')).text).toContain('href="/login/oidc?next=');
  });
});
