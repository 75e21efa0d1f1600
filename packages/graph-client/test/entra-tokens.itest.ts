import { constants, createHash, verify, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { createAuthority } from '@ms1/testkit';

import { GraphAuthError, GraphTransientError } from '../src/index.ts';
import { CLIENT, GRANTED, TENANT, tokenEndpoint } from './token-endpoint.ts';

const SECRET = 'the~secret.of-the_test';
const BY_SECRET = { kind: 'secret', clientId: CLIENT, secret: SECRET } as const;
const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

const refusal = (number: number, description: string) => ({
  status: 401,
  body: {
    error: 'invalid_client',
    error_description: `AADSTS${number}: ${description}`,
    error_codes: [number],
    correlation_id: '33333333-3333-4333-8333-333333333333',
  },
});

const partsOf = (jwt: string) => {
  const [header = '', payload = '', signature = ''] = jwt.split('.');
  const parse = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString());
  return {
    header: parse(header),
    payload: parse(payload),
    signed: `${header}.${payload}`,
    signature,
  };
};

describe('a client secret', () => {
  test('gets a token as the contract shows, with one request for a hundred callers', async () => {
    await using endpoint = await tokenEndpoint();
    const tokens = endpoint.tokens(BY_SECRET);
    const got = await Promise.all(Array.from({ length: 100 }, () => tokens.token()));
    expect(new Set(got)).toEqual(new Set([GRANTED['access_token']]));
    expect(endpoint.posts).toHaveLength(1);
    const [post] = endpoint.posts;
    expect(post?.path).toMatch(new RegExp(`^/${TENANT}/oauth2/v2.0/token`));
    expect(post?.form).toMatchObject({
      grant_type: 'client_credentials',
      client_id: CLIENT,
      client_secret: SECRET,
      scope: 'https://graph.microsoft.com/.default',
    });
  });

  test('says that it understands demands for claims, and passes one on with the next token', async () => {
    await using endpoint = await tokenEndpoint((_, index) => ({
      status: 200,
      body: { ...GRANTED, access_token: `t${index}` },
    }));
    const tokens = endpoint.tokens(BY_SECRET);
    await tokens.token();
    tokens.drop('t0', '{"access_token":{"nbf":{"essential":true,"value":"1"}}}');
    expect(await tokens.token()).toBe('t1');
    const claims = endpoint.posts.map(({ form }) => JSON.parse(form['claims'] ?? '{}'));
    expect(claims[0].access_token).toEqual({ xms_cc: { values: ['cp1'] } });
    expect(claims[1].access_token).toMatchObject({
      xms_cc: { values: ['cp1'] },
      nbf: { value: '1' },
    });
  });

  test.each([
    [7_000_215, /client secret is wrong: give its value/],
    [7_000_222, /client secret has expired/],
    [700_016, /does not know the application/],
    [99_999, /check client id and client secret/],
  ])(
    'that is refused with %d says what to do, and is printed nowhere, even when the endpoint repeats it',
    async (number, advice) => {
      await using endpoint = await tokenEndpoint(() =>
        refusal(number, `secret '${SECRET}' is bad`),
      );
      const error = await endpoint
        .tokens(BY_SECRET)
        .token()
        .catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(GraphAuthError);
      expect(String(error)).toMatch(advice);
      expect(error).toMatchObject({ graphCode: `AADSTS${number}` });
      expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(SECRET);
    },
  );

  test.each([
    { status: 503, body: '<html>down</html>', headers: { 'retry-after': '7' } },
    { status: 429, body: {}, headers: { 'retry-after': '7' } },
  ])('is not blamed when the endpoint is not well: %j', async (answer) => {
    await using endpoint = await tokenEndpoint(() => answer);
    const error = await endpoint
      .tokens(BY_SECRET)
      .token()
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(GraphTransientError);
    expect(error).toMatchObject({ retryAfterMs: 7_000 });
    expect(inspect(error, { depth: 10 })).not.toContain(SECRET);
  });

  test('is not carried to where a redirect leads', async () => {
    await using elsewhere = await tokenEndpoint();
    await using endpoint = await tokenEndpoint(() => ({
      status: 307,
      body: '',
      headers: { location: `${elsewhere.authorityUrl}/steal` },
    }));
    await expect(endpoint.tokens(BY_SECRET).token()).rejects.toThrow(GraphTransientError);
    expect(endpoint.posts).toHaveLength(1);
    expect(elsewhere.posts).toEqual([]);
  });

  test('is not sent to an endpoint whose certificate nobody vouches for', async () => {
    const stranger = createAuthority('stranger').issue('localhost');
    await using endpoint = await tokenEndpoint(undefined, stranger);
    await expect(endpoint.tokens(BY_SECRET).token()).rejects.toThrow(GraphTransientError);
    expect(endpoint.posts).toEqual([]);
  });
});

describe('a certificate', () => {
  test('proves itself by an assertion that its public key verifies, and no other', async () => {
    await using endpoint = await tokenEndpoint();
    const authority = createAuthority('authority of the company');
    const [ours, other] = [authority.issue('ours', 'rsa'), authority.issue('other', 'rsa')];
    const credential = { kind: 'certificate', clientId: CLIENT } as const;
    const { cert: certificate, key: privateKey } = ours;
    await endpoint.tokens({ ...credential, certificate, privateKey }).token();
    const form = endpoint.posts[0]?.form ?? {};
    expect(form['client_assertion_type']).toBe(ASSERTION_TYPE);
    expect(form['client_secret']).toBeUndefined();

    const { header, payload, signed, signature } = partsOf(form['client_assertion'] ?? '');
    const { raw } = new X509Certificate(certificate);
    expect(header).toMatchObject({
      alg: 'PS256',
      'x5t#S256': createHash('sha256').update(raw).digest('base64url'),
      x5c: [raw.toString('base64')],
    });
    expect(payload).toMatchObject({
      iss: CLIENT,
      sub: CLIENT,
      aud: expect.stringContaining(`${endpoint.authorityUrl}/${TENANT}/oauth2/v2.0/token`),
    });
    expect(payload.exp - payload.nbf).toBeLessThanOrEqual(600);
    const verifiedBy = (pem: string): boolean =>
      verify(
        'sha256',
        Buffer.from(signed),
        {
          key: new X509Certificate(pem).publicKey,
          padding: constants.RSA_PKCS1_PSS_PADDING,
          saltLength: 32,
        },
        Buffer.from(signature, 'base64url'),
      );
    expect(verifiedBy(ours.cert)).toBe(true);
    expect(verifiedBy(other.cert)).toBe(false);
  });
});

describe('a federated token', () => {
  test('is the file as it is at the time, also after it was rotated', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'federated-'));
    const tokenFile = join(folder, 'token');
    try {
      await using endpoint = await tokenEndpoint((_, index) => ({
        status: 200,
        body: { ...GRANTED, access_token: `t${index}` },
      }));
      const tokens = endpoint.tokens({ kind: 'federated', clientId: CLIENT, tokenFile });
      await expect(tokens.token()).rejects.toThrow(GraphTransientError);
      writeFileSync(tokenFile, 'first.jwt.x\n');
      await tokens.token();
      writeFileSync(tokenFile, 'second.jwt.x\n');
      tokens.drop('t0');
      await tokens.token();
      expect(endpoint.posts.map(({ form }) => form['client_assertion'])).toEqual([
        'first.jwt.x',
        'second.jwt.x',
      ]);
      expect(endpoint.posts[0]?.form['client_assertion_type']).toBe(ASSERTION_TYPE);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
