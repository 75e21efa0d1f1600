import { hkdfSync } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { startRedis, until } from '@ms1/testkit';
import { decodeJwt, decodeProtectedHeader, EncryptJWT, SignJWT } from 'jose';
import { createKeyRing } from '../src/auth/key-ring.ts';
import { LoginAttempts } from '../src/auth/oidc/login-attempts.ts';
import { PASSWORD } from './console-bundle.ts';
import { CLIENT_ID, CLIENT_SECRET, startProvider } from './start-provider.ts';
import { setUpTwo } from './two-consoles.ts';

const HOUR_MS = 3_600_000;
const KEYS = '{ms1}:console:login-keys';

type Two = Awaited<ReturnType<typeof setUpTwo>>;

const tokenOf = (cookie: string): string => cookie.split('=')[1] ?? '';
const cookieOf = (token: string): string => `ms1_console=${token}`;

/** What whoever reads Redis has: the keys of the fleet, by what they are used for. */
async function stolenKey({ one }: Two, use: string): Promise<Uint8Array> {
  const { keys } = JSON.parse((await one.redis.get(KEYS)) ?? '') as { keys: { secret: string }[] };
  const secret = Buffer.from(keys[0]?.secret ?? '', 'base64url');
  return new Uint8Array(hkdfSync('sha256', secret, '', `ms1 console ${use}`, 32));
}

describe('a login that was forged', () => {
  test('opens no console, however near it comes to a real one', async () => {
    await using at = await setUpTwo();
    const { one, two, statuses } = at;
    const real = await one.login();
    const said = decodeProtectedHeader(tokenOf(real));
    const claims = { ...decodeJwt(tokenOf(real)), jti: 'A'.repeat(22) };
    const key = await stolenKey(at, 'login');
    const sign = async (header: object, payload: object, by = key) =>
      cookieOf(
        await new SignJWT({ ...payload })
          .setProtectedHeader({ alg: 'HS256', ...said, ...header })
          .sign(by),
      );
    // Control: with the right key, and nothing else changed, it opens both.
    expect(await statuses(await sign({}, claims))).toEqual([200, 200]);
    const encoded = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
    const withoutMark = { ...claims, pwd: undefined };
    const forged = {
      'another algorithm': await sign({ alg: 'HS512' }, claims, Buffer.concat([key, key])),
      'no algorithm': cookieOf(`${encoded({ ...said, alg: 'none' })}.${encoded(claims)}.`),
      'the key of attempts': await sign({}, claims, await stolenKey(at, 'login attempt')),
      'the key of passwords': await sign({}, claims, await stolenKey(at, 'password')),
      'another type': await sign({ typ: 'JWT' }, claims),
      'an unknown key': await sign({ kid: 'other' }, claims),
      'no key': await sign({ kid: undefined }, claims),
      'another fleet': await sign({}, { ...claims, aud: 'other' }),
      'a higher role': await sign({}, { ...claims, role: 'admin' }),
      'no password': await sign({}, withoutMark),
      'no end': await sign({}, { ...claims, exp: undefined }),
      'an end that was': await sign({}, { ...claims, exp: one.clock.at / 1_000 - 1 }),
      'no id': await sign({}, { ...claims, jti: undefined }),
      'an id that names another key': await sign({}, { ...claims, jti: '../login-keys' }),
      'a cut signature': real.slice(0, -1),
    };
    for (const [what, cookie] of Object.entries(forged)) {
      expect([what, ...(await statuses(cookie))]).toEqual([what, 401, 401]);
    }
    // A forged one that comes first does not shut out the real one, and nothing of all this was done.
    expect(await statuses(`${forged['no end']}; ${real}`)).toEqual([200, 200]);
    expect(await two.operators.list()).toEqual([]);
  });

  test('is none of what the attempt to log in left in the browser, nor does a login pass for an attempt', async () => {
    await using provider = { ...(await startProvider()), [Symbol.asyncDispose]: () => stop() };
    const stop = () => provider.stop();
    const { issuer } = provider;
    const registered = { clientId: CLIENT_ID, audience: CLIENT_ID, clientSecret: CLIENT_SECRET };
    await using at = await setUpTwo({
      oidc: { issuer, ...registered },
      access: { publicUrl: 'http://console.example' },
    });
    const { one, two, statuses } = at;
    const begun = await one.request('/login/oidc?next=/console');
    const attempt = tokenOf((begun.headers.get('set-cookie') ?? '').split(';')[0] ?? '');
    expect(attempt.split('.')).toHaveLength(5);
    const claims = { by: 'oidc', sub: 'x', role: 'admin', jti: 'A'.repeat(22) };
    const { id, keys } = await one.loginStore.keys();
    // As an attempt that says what a login says, by whoever has the key.
    const crossed = await new EncryptJWT(claims)
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: keys[0]?.id ?? '', typ: 'ms1-login' })
      .setAudience(id)
      .setExpirationTime(new Date(one.clock.at + HOUR_MS))
      .encrypt(await stolenKey(at, 'login'));
    for (const token of [attempt, crossed]) {
      expect(await statuses(cookieOf(token))).toEqual([401, 401]);
    }
    const login = tokenOf(await one.login());
    const back = await two.request('/login/oidc/callback?code=x&state=y', {
      headers: { cookie: `ms1_login=${login}` },
    });
    expect([back.status, back.headers.get('set-cookie') ?? '']).toEqual([
      400,
      expect.not.stringMatching(/ms1_console=\w/),
    ]);
    // Control: it is an attempt, to either of them.
    const read = new LoginAttempts(createKeyRing(two.loginStore), two.clock);
    expect(await read.read(attempt)).toMatchObject({ next: '/console' });
  });
});

describe('a login under two consoles', () => {
  test('made at one after another went away opens the other, and is not replayed after its end', async () => {
    await using at = await setUpTwo();
    const { one, two, statuses } = at;
    const cookie = await one.login();
    expect(await statuses(cookie)).toEqual([200, 200]);
    await two.request('/logout', { method: 'POST', headers: { cookie } });
    // Over and over, also beside one that holds, and with a key that changed.
    const other = await one.login();
    expect(await statuses(cookie)).toEqual([401, 401]);
    one.clock.at += 7 * HOUR_MS;
    expect(await statuses(cookie)).toEqual([401, 401]);
    expect(await statuses(`${cookie}; ${other}`)).toEqual([200, 200]);
    one.clock.at += 24 * HOUR_MS;
    expect(await statuses(cookie)).toEqual([401, 401]);
    expect(await statuses(await two.login())).toEqual([200, 200]);
  });

  test('is over everywhere when Redis has been restarted empty, and a new one opens both', async () => {
    await using at = await setUpTwo();
    const { one, two, statuses } = at;
    const [login, ended] = [await one.login(), await one.login()];
    await one.request('/logout', { method: 'POST', headers: { cookie: ended } });
    await one.redisServer.kill();
    await using _ = await startRedis({ port: one.redisServer.port });
    await until(async () => (await two.request('/login')).status === 200, { what: 'it is there' });
    await Promise.all([one.redis.ping(), two.redis.ping()]);
    // It has forgotten which logins were ended: so none from before holds, and whoever was in logs in again.
    expect(await statuses(login)).toEqual([401, 401]);
    expect(await statuses(ended)).toEqual([401, 401]);
    // Both at once: the keys are made once.
    const fresh = await Promise.all([one.login(), two.login()]);
    for (const cookie of fresh) expect(await statuses(cookie)).toEqual([200, 200]);
  });

  test.each([
    ['ahead', 10 * 60_000],
    ['behind', -10 * 60_000],
  ])('stays ended where the clock of the one that ended it is %s', async (_, apartMs) => {
    await using at = await setUpTwo({}, apartMs);
    const { one, two, statuses, statusAt } = at;
    const cookie = await one.login();
    const kept = await one.login();
    expect(await statuses(cookie)).toEqual([200, 200]);
    await two.request('/logout', { method: 'POST', headers: { cookie } });
    expect(await statuses(cookie)).toEqual([401, 401]);
    // Until both find that it would be over by itself.
    const mark = (await one.redis.keys('{ms1}:console:ended-login:*'))[0] ?? '';
    expect(await one.redis.pttl(mark)).toBeGreaterThan(8 * HOUR_MS + Math.abs(apartMs));
    expect(await statuses(kept)).toEqual([200, 200]);
    // Whose clock is ahead finds it over: a logout there ends it where it still holds.
    const [early, late] = apartMs > 0 ? [one, two] : [two, one];
    const last = await early.login();
    one.clock.at += 8 * HOUR_MS - 5 * 60_000;
    expect([await statusAt(early, last), await statusAt(late, last)]).toEqual([200, 401]);
    await late.request('/logout', { method: 'POST', headers: { cookie: last } });
    expect(await statuses(last)).toEqual([401, 401]);
  });

  test('is made by one key while clocks are apart, and guesses at one count at the other', async () => {
    await using at = await setUpTwo({}, 10 * 60_000);
    const { one, two, statuses } = at;
    const cookies = [await one.login(), await two.login(), await one.login()];
    const kids = new Set(cookies.map((cookie) => decodeProtectedHeader(tokenOf(cookie)).kid));
    expect(kids.size).toBe(1);
    for (const cookie of cookies) expect(await statuses(cookie)).toEqual([200, 200]);
    const guess = (bundle: typeof one, password = 'a guess') =>
      bundle.request('/login', { method: 'POST', body: new URLSearchParams({ password }) });
    const told: number[] = [];
    for (let n = 0; n < 12; n += 1) told.push((await guess(n % 2 === 0 ? one : two)).status);
    // The first look of the one ahead finds a minute that was over long ago, and begins the next: once.
    expect(told.filter((status) => status === 401).length).toBeLessThanOrEqual(6);
    expect(told.slice(-6)).toEqual([429, 429, 429, 429, 429, 429]);
    expect((await guess(one, PASSWORD)).status).toBe(429);
    expect((await guess(two, PASSWORD)).status).toBe(429);
  });
});
