import { createHmac, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { exportJWK, type JWTPayload, jwtVerify, SignJWT } from 'jose';

import { createJudgeTokens } from './judge-tokens.ts';
import { createSigningKeys } from './signing-keys.ts';

const AUTHORITY = 'https://login.microsoftonline.com';
const APP = '925bff9f-f6e2-4a69-b858-f71ea2b9b6d0';
const TENANT = '9f4ebab6-520d-49c0-85cc-7b25c78d4a93';
const OTHER = '11111111-520d-49c0-85cc-7b25c78d4a93';
const SENDER = '0bf30f3b-4a52-48df-9a82-234910c4a086';
const NOW_S = 1_700_000_000;

const microsoft = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const stranger = generateKeyPairSync('rsa', { modulusLength: 2_048 });

/** The claims of a documented token of version 2.0, at our time. */
const v2 = (changes: Record<string, unknown> = {}): JWTPayload => ({
  aud: APP,
  iss: `${AUTHORITY}/${TENANT}/v2.0`,
  iat: NOW_S - 60,
  nbf: NOW_S - 60,
  exp: NOW_S + 86_400,
  azp: SENDER,
  tid: TENANT,
  ver: '2.0',
  ...changes,
});
const v1 = (changes: Record<string, unknown> = {}): JWTPayload => ({
  ...v2({ iss: `https://sts.windows.net/${TENANT}/`, ver: '1.0', appid: SENDER }),
  azp: undefined,
  ...changes,
});

interface Signing {
  key?: KeyObject;
  header?: object;
}

function sign(claims: JWTPayload, { key = microsoft.privateKey, header = {} }: Signing = {}) {
  return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'k1', ...header }).sign(key);
}

/** A token that no library would make. */
function forge(header: object, claims: JWTPayload, secret?: string): string {
  const text = [header, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  const signature = secret ? createHmac('sha256', secret).update(text).digest('base64url') : '';
  return `${text}.${signature}`;
}

/** A judge with the clock and the key server in the hands of the test. */
function setup() {
  const clock = { ms: NOW_S * 1_000, now: () => clock.ms };
  // By which jose counts the age of keys.
  jest.spyOn(Date, 'now').mockImplementation(clock.now);
  const server = {
    requests: [] as string[],
    down: false,
    senseless: false,
    keys: [{ key: microsoft, kid: 'k1' }],
  };
  const answer = async (url: string): Promise<object> => {
    if (url.endsWith('openid-configuration')) {
      return { jwks_uri: `${AUTHORITY}/common/discovery/v2.0/keys` };
    }
    if (server.senseless) return { keys: 'none' };
    const keys = server.keys.map(async ({ key, kid }) => ({
      ...(await exportJWK(key.publicKey)),
      kid,
      use: 'sig',
    }));
    return { keys: await Promise.all(keys) };
  };
  const call = (async (url: string) => {
    server.requests.push(url);
    if (server.down) throw new TypeError('fetch failed');
    return Response.json(await answer(url));
  }) as typeof fetch;
  const keys = createSigningKeys({ authority: AUTHORITY, clock, fetch: call });
  const judge = createJudgeTokens({ keys, appId: APP, authority: AUTHORITY, clock });
  return { clock, server, judge };
}

afterEach(() => void jest.restoreAllMocks());

const proven = { tenants: new Set([TENANT]) };

describe('createJudgeTokens', () => {
  test('believes a token of either version, for the tenant that issued it', async () => {
    const { judge } = setup();
    expect(await judge([await sign(v2())])).toEqual(proven);
    expect(await judge([await sign(v1())])).toEqual(proven);
    const other = v2({ tid: OTHER, iss: `${AUTHORITY}/${OTHER}/v2.0` });
    expect(await judge([await sign(v1()), await sign(other)])).toEqual({
      tenants: new Set([TENANT, OTHER]),
    });
  });

  const publicPem = createPublicKey(microsoft.privateKey)
    .export({ type: 'spki', format: 'pem' })
    .toString();
  const strangersJwk = stranger.publicKey.export({ format: 'jwk' });
  test.each<[string, () => Promise<string> | string]>([
    ['that is not signed (alg none)', () => forge({ alg: 'none' }, v2())],
    [
      'signed with the public key as a secret (HS256)',
      () => forge({ alg: 'HS256', kid: 'k1' }, v2(), publicPem),
    ],
    ['signed by a stranger under a known key id', () => sign(v2(), { key: stranger.privateKey })],
    [
      'that brings its own key (jwk)',
      () => sign(v2(), { key: stranger.privateKey, header: { jwk: strangersJwk } }),
    ],
    [
      'that says where its key is (jku, x5u)',
      () =>
        sign(v2(), {
          key: stranger.privateKey,
          header: { jku: 'https://evil.example/keys', x5u: 'https://evil.example/x' },
        }),
    ],
    ['signed with RS512', () => sign(v2(), { header: { alg: 'RS512' } })],
    ['with another tenant than its issuer, v2', () => sign(v2({ tid: OTHER }))],
    ['with another tenant than its issuer, v1', () => sign(v1({ tid: OTHER }))],
    ['of an issuer elsewhere', () => sign(v2({ iss: `https://evil.example/${TENANT}/v2.0` }))],
    ['for another app', () => sign(v2({ aud: SENDER }))],
    ['from another app, v2', () => sign(v2({ azp: APP }))],
    ['from another app, v1', () => sign(v1({ appid: APP }))],
    [
      'of version 2.0 with the caller where version 1.0 has it',
      () => sign(v2({ azp: undefined, appid: SENDER })),
    ],
    ['of no version', () => sign(v2({ ver: undefined }))],
    ['that has expired', () => sign(v2({ exp: NOW_S - 301 }))],
    ['that is not valid yet', () => sign(v2({ nbf: NOW_S + 301 }))],
    ['that never expires', () => sign(v2({ exp: undefined }))],
    ['that is no token', () => 'token'],
    ['that is empty', () => ''],
    ['of 9,000 characters', () => 'x'.repeat(9_000)],
  ])('refuses a token %s, alone and beside a good one', async (_, make) => {
    const { judge, server } = setup();
    const bad = await make();
    expect(await judge([bad])).toBe('refused');
    expect(await judge([await sign(v2()), bad])).toBe('refused');
    expect(server.requests.filter((url) => !url.startsWith(AUTHORITY))).toEqual([]);
  });

  test('allows clocks five minutes of difference; control: without, an honest token is refused', async () => {
    const { judge, clock } = setup();
    for (const claims of [{ exp: NOW_S - 290 }, { nbf: NOW_S + 290 }]) {
      const token = await sign(v2(claims));
      expect(await judge([token])).toEqual(proven);
      const currentDate = new Date(clock.now());
      await expect(jwtVerify(token, microsoft.publicKey, { currentDate })).rejects.toThrow(
        /exp|nbf/,
      );
    }
  });

  test('says nothing about a POST without tokens and refuses one with 33', async () => {
    const { judge } = setup();
    expect(await judge([])).toBe('undecided');
    expect(await judge(Array.from({ length: 33 }, () => 'x'))).toBe('refused');
  });

  test('asks for keys once, and for an unknown key id not again within five minutes', async () => {
    const { judge, server, clock } = setup();
    await judge([await sign(v2())]);
    expect(server.requests).toHaveLength(2);
    const unknown = await sign(v2(), { key: stranger.privateKey, header: { kid: 'k2' } });
    for (let index = 0; index < 200; index += 1) expect(await judge([unknown])).toBe('undecided');
    expect(server.requests).toHaveLength(2);
    clock.ms += 300_000;
    await Promise.all(Array.from({ length: 50 }, () => judge([unknown])));
    expect(server.requests).toHaveLength(4);
  });

  test('learns a new key of a rotation at the first token that names it', async () => {
    const { judge, server, clock } = setup();
    await judge([await sign(v2())]);
    server.keys = [{ key: stranger, kid: 'k2' }];
    clock.ms += 300_000;
    const next = await sign(v2(), { key: stranger.privateKey, header: { kid: 'k2' } });
    expect(await judge([next])).toEqual(proven);
    // What is not published any more is not trusted any more.
    expect(await judge([await sign(v2())])).toBe('undecided');
  });

  test('decides nothing while the keys cannot be had, without a storm, and not on old ones after a day', async () => {
    const { judge, server, clock } = setup();
    server.down = true;
    for (let index = 0; index < 50; index += 1) {
      expect(await judge([await sign(v2())])).toBe('undecided');
    }
    expect(server.requests).toHaveLength(1);
    server.down = false;
    server.senseless = true;
    clock.ms += 300_000;
    for (let index = 0; index < 50; index += 1) {
      expect(await judge([await sign(v2())])).toBe('undecided');
    }
    expect(server.requests).toHaveLength(3);
    server.senseless = false;
    clock.ms += 300_000;
    expect(await judge([await sign(v2())])).toEqual(proven);
    server.down = true;
    clock.ms += 23 * 3_600_000;
    expect(await judge([await sign(v2())])).toEqual(proven);
    clock.ms += 2 * 3_600_000;
    expect(await judge([await sign(v2({ exp: NOW_S + 200_000 }))])).toBe('undecided');
  });
});

const example = join(
  import.meta.dirname,
  '../../../../../shared/graph/examples/validation-token-claims-v2.json',
);

(existsSync(example) ? describe : describe.skip)('the documented claims', () => {
  test('believes the claims of validation-token-claims-v2.json at their time', async () => {
    const { judge, clock } = setup();
    const claims = JSON.parse(readFileSync(example, 'utf8')) as JWTPayload;
    clock.ms = Number(claims.nbf) * 1_000;
    expect(await judge([await sign(claims)])).toEqual({ tenants: new Set([claims['tid']]) });
  });
});
