import { createHmac } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { decodeJwt, decodeProtectedHeader, SignJWT } from 'jose';

import { createKeyRing } from './key-ring.ts';
import { Logins } from './logins.ts';
import { PasswordCheck } from './password-check.ts';

const HOUR_MS = 3_600_000;
const secretOf = (letter: string): string => Buffer.from(letter.repeat(32)).toString('base64url');
const READER = { by: 'password', subject: 'login-1', role: 'reader' } as const;
const PERSON = { by: 'oidc', subject: 'person-1', role: 'operator' } as const;

/** What the consoles share, in memory: the real one is tested beside Redis. */
function setup() {
  const clock = { at: Date.UTC(2026, 10, 29), now: () => clock.at };
  const ended = new Set<string>();
  const shared = { id: 'store-1', keys: [{ id: 'k1', secret: secretOf('a'), at: clock.at }] };
  const store = {
    keys: async () => structuredClone(shared),
    end: async (id: string) => void ended.add(id),
    ended: async (ids: readonly string[]) => new Set(ids.filter((id) => ended.has(id))),
  };
  const consoleWith = (password?: string, passwordRole: 'reader' | 'operator' = 'reader') =>
    new Logins({
      ring: createKeyRing(store),
      store,
      password: password === undefined ? undefined : new PasswordCheck(password, { N: 2 ** 7 }),
      passwordRole,
      clock,
    });
  return { clock, shared, store, ended, consoleWith, logins: consoleWith('correct horse') };
}

describe('Logins', () => {
  test('hold for eight hours in every console with the same password, and no longer', async () => {
    const { clock, logins, consoleWith } = setup();
    const token = await logins.begin(READER);
    clock.at += 8 * HOUR_MS - 1_000;
    const { loginId, ...caller } = (await consoleWith('correct horse').verify(token)) ?? {};
    expect(caller).toEqual({ ...READER, cookie: true });
    expect(loginId).toMatch(/^[\w-]{22}$/);
    clock.at += 1_000;
    expect(await logins.verify(token)).toBeNull();
  });

  test('two logins of one caller are two, and ending one ends it alone', async () => {
    const { logins, consoleWith, ended } = setup();
    const [one, two] = [await logins.begin(PERSON), await logins.begin(PERSON)];
    await logins.end(one);
    expect(ended.size).toBe(1);
    expect(await consoleWith('correct horse').verify(one)).toBeNull();
    expect(await logins.verify(two)).toMatchObject(PERSON);
  });

  test('whoever knows the password signs nothing with it', async () => {
    const { logins, clock } = setup();
    const token = await logins.begin(READER);
    const claims = { ...decodeJwt(token), by: 'oidc', role: 'admin' };
    const guesses = [
      'correct horse',
      JSON.stringify(['correct horse', undefined]),
      createHmac('sha256', JSON.stringify(['correct horse', undefined]))
        .update('ms1 console cookie v2')
        .digest(),
    ];
    for (const guess of guesses) {
      const forged = await new SignJWT({ ...claims, exp: clock.at / 1_000 + 9e9 })
        .setProtectedHeader({ alg: 'HS256', ...decodeProtectedHeader(token) })
        .sign(Buffer.from(guess));
      expect(await logins.verify(forged)).toBeNull();
    }
  });

  test.each([
    ['a later end', { exp: 9e9 }],
    ['a higher role', { role: 'admin' }],
    ['another subject', { sub: 'login-2' }],
    ['another proof', { by: 'oidc' }],
    ['another id', { jti: 'A'.repeat(22) }],
  ])('%s than was signed does not hold', async (_name, change) => {
    const { logins } = setup();
    const [header, payload = '', signature] = (await logins.begin(READER)).split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
    const forged = Buffer.from(JSON.stringify({ ...claims, ...change })).toString('base64url');
    expect(await logins.verify(`${header}.${forged}.${signature}`)).toBeNull();
  });

  test.each([
    ['no algorithm', { alg: 'none' }],
    ['another key', { kid: 'k2' }],
    ['no key', { kid: undefined }],
    ['another type', { typ: 'JWT' }],
  ])('a header that says %s does not hold', async (_name, change) => {
    const { logins } = setup();
    const [header = '', payload, signature] = (await logins.begin(READER)).split('.');
    const said = JSON.parse(Buffer.from(header, 'base64url').toString()) as object;
    const other = Buffer.from(JSON.stringify({ ...said, ...change })).toString('base64url');
    expect(await logins.verify(`${other}.${payload}.${signature}`)).toBeNull();
    expect(await logins.verify(`${other}.${payload}.`)).toBeNull();
  });

  test('the newest key signs, an older one still verifies, one that is gone does not', async () => {
    const { logins, shared } = setup();
    const old = await logins.begin(READER);
    shared.keys.unshift({ id: 'k2', secret: secretOf('b'), at: 0 });
    const young = await logins.begin(READER);
    expect(decodeProtectedHeader(young).kid).toBe('k2');
    expect(await logins.verify(old)).toMatchObject(READER);
    shared.keys.pop();
    expect(await logins.verify(old)).toBeNull();
    expect(await logins.verify(young)).toMatchObject(READER);
  });

  test('a new password or another role for it ends the logins by the old one, and no other', async () => {
    const { logins, consoleWith } = setup();
    const [reader, person] = [await logins.begin(READER), await logins.begin(PERSON)];
    for (const other of [
      consoleWith('new password'),
      consoleWith('correct horse', 'operator'),
      consoleWith(),
    ]) {
      expect(await other.verify(reader)).toBeNull();
      expect(await other.verify(person)).toMatchObject(PERSON);
    }
    expect(await logins.verify(reader)).toMatchObject(READER);
  });

  test('beside a store that forgot what was ended, no login holds that was made before', async () => {
    const { logins, shared, ended } = setup();
    const token = await logins.begin(PERSON);
    await logins.end(token);
    ended.clear();
    // Control: the keys alone would let it in again.
    expect(await logins.verify(token)).toMatchObject(PERSON);
    shared.id = 'store-2';
    expect(await logins.verify(token)).toBeNull();
  });

  test('while nobody can tell whether it was ended, a login neither holds nor fails', async () => {
    const { logins, store } = setup();
    const token = await logins.begin(PERSON);
    store.ended = () => Promise.reject(new Error('away'));
    await expect(logins.verify(token)).rejects.toThrow('away');
    store.keys = () => Promise.reject(new Error('away'));
    await expect(logins.verify(token)).rejects.toThrow('away');
    await expect(logins.end(token)).rejects.toThrow('away');
  });

  test.each(['', 'x', '..', 'a.b.c', `${'x'.repeat(9_000)}.y.z`])(
    '%j is no login',
    async (text) => {
      expect(await setup().logins.verify(text)).toBeNull();
    },
  );
});
