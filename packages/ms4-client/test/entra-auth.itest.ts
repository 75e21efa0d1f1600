import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { startTokenEndpoint, type TokenAnswer } from '@ms1/testkit';

import { entraAuth } from '../src/entra-auth.ts';
import { Ms4AuthError } from '../src/ms4-errors.ts';

const TENANT = '11111111-1111-4111-8111-111111111111';

/** MSAL itself, and a token endpoint that answers as `answer` says. */
async function setup(answer: (count: number) => TokenAnswer) {
  const endpoint = await startTokenEndpoint((_, index) => answer(index + 1));
  const auth = entraAuth({
    tenantId: TENANT,
    clientId: '22222222-2222-4222-8222-222222222222',
    clientSecret: 'the-secret',
    scope: 'api://ms4/.default',
    authorityUrl: endpoint.authorityUrl,
  });
  return { ...endpoint, auth };
}

const granted = (count: number): TokenAnswer => ({
  status: 200,
  body: { token_type: 'Bearer', expires_in: 3_599, access_token: `token-${count}` },
});

describe('entraAuth', () => {
  test('asks for a token by client credentials once, and gives it as a bearer', async () => {
    await using endpoint = await setup(granted);
    const { auth, posts } = endpoint;
    expect(await auth.headers()).toEqual({ authorization: 'Bearer token-1' });
    expect(await auth.headers()).toEqual({ authorization: 'Bearer token-1' });
    expect(posts).toHaveLength(1);
    expect(posts[0]?.path).toMatch(new RegExp(`^/${TENANT}/oauth2/v2.0/token`));
    expect(posts[0]?.form).toMatchObject({
      grant_type: 'client_credentials',
      client_secret: 'the-secret',
      scope: expect.stringContaining('api://ms4/.default'),
    });
  });

  test('gets another token after a refused one, and goes on with that', async () => {
    await using endpoint = await setup(granted);
    const { auth } = endpoint;
    await auth.headers();
    expect(await auth.refresh?.()).toBe(true);
    expect(await auth.headers()).toEqual({ authorization: 'Bearer token-2' });
  });

  test('says that there is nothing new when Entra gives the same token again', async () => {
    await using endpoint = await setup(() => granted(1));
    await endpoint.auth.headers();
    expect(await endpoint.auth.refresh?.()).toBe(false);
  });

  test.each([
    [
      'refuses',
      { status: 401, body: { error: 'invalid_client', error_description: 'AADSTS7000215' } },
    ],
    ['is not well', { status: 503, body: 'the-secret is no use' }],
  ])('a token endpoint that %s is told without the secret', async (_, answer) => {
    await using endpoint = await setup(() => answer);
    const error = await endpoint.auth.headers().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Ms4AuthError);
    expect(error).toMatchObject({ code: 'ms4_auth', status: null });
    expect(inspect(error, { depth: 10 })).not.toContain('the-secret');
  });

  test('the secret goes nowhere else, whatever the endpoint says, and mail is sent when it is well again', async () => {
    await using elsewhere = await startTokenEndpoint(() => granted(9));
    const location = `${elsewhere.authorityUrl}/stolen`;
    await using endpoint = await setup((count) =>
      count === 1 ? { status: 307, body: '', headers: { location } } : granted(count),
    );
    await expect(endpoint.auth.headers()).rejects.toThrow(Ms4AuthError);
    expect(endpoint.posts).toHaveLength(1);
    expect(elsewhere.posts).toEqual([]);
    expect(await endpoint.auth.headers()).toEqual({ authorization: 'Bearer token-2' });
  });
});
