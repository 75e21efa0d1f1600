import type { INetworkModule } from '@azure/msal-node';
import { describe, expect, test } from '@jest/globals';

import { entraAuth } from './entra-auth.ts';
import { Ms4AuthError } from './ms4-errors.ts';

const TENANT = '11111111-1111-4111-8111-111111111111';

/** MSAL itself, and a token endpoint that answers as `answer` says. */
function setup(answer: (count: number) => { status: number; body: object } | Error) {
  const posts: { url: string; body: URLSearchParams }[] = [];
  const respond = (status: number, body: object) => ({ status, headers: {}, body: body as never });
  const network: INetworkModule = {
    async sendGetRequestAsync(url) {
      const authority = new URL(url).origin;
      return respond(200, {
        issuer: `${authority}/${TENANT}/v2.0`,
        authorization_endpoint: `${authority}/${TENANT}/oauth2/v2.0/authorize`,
        token_endpoint: `${authority}/${TENANT}/oauth2/v2.0/token`,
        jwks_uri: `${authority}/${TENANT}/discovery/v2.0/keys`,
      });
    },
    async sendPostRequestAsync(url, options) {
      posts.push({ url, body: new URLSearchParams(options?.body) });
      const given = answer(posts.length);
      if (given instanceof Error) throw given;
      return respond(given.status, given.body);
    },
  };
  const auth = entraAuth({
    tenantId: TENANT,
    clientId: '22222222-2222-4222-8222-222222222222',
    clientSecret: 'the-secret',
    scope: 'api://ms4/.default',
    authorityUrl: 'https://login.microsoftonline.com',
    network,
  });
  return { auth, posts };
}

const granted = (count: number) => ({
  status: 200,
  body: { token_type: 'Bearer', expires_in: 3_599, access_token: `token-${count}` },
});

describe('entraAuth', () => {
  test('asks for a token by client credentials once, and gives it as a bearer', async () => {
    const { auth, posts } = setup(granted);
    expect(await auth.headers()).toEqual({ authorization: 'Bearer token-1' });
    expect(await auth.headers()).toEqual({ authorization: 'Bearer token-1' });
    expect(posts).toHaveLength(1);
    expect(posts[0]?.url).toContain(`/${TENANT}/oauth2/v2.0/token`);
    expect(Object.fromEntries(posts[0]?.body ?? [])).toMatchObject({
      grant_type: 'client_credentials',
      client_secret: 'the-secret',
      scope: expect.stringContaining('api://ms4/.default'),
    });
  });

  test('gets another token after a refused one, and goes on with that', async () => {
    const { auth } = setup(granted);
    await auth.headers();
    expect(await auth.refresh?.()).toBe(true);
    expect(await auth.headers()).toEqual({ authorization: 'Bearer token-2' });
  });

  test('says that there is nothing new when Entra gives the same token again', async () => {
    const { auth } = setup(() => granted(1));
    await auth.headers();
    expect(await auth.refresh?.()).toBe(false);
  });

  test.each([
    [
      'refuses',
      { status: 401, body: { error: 'invalid_client', error_description: 'AADSTS7000215' } },
    ],
    ['does not answer', new Error('connect ECONNREFUSED')],
  ])(
    'a token endpoint that %s is a fault of credentials, without the secret',
    async (_, answer) => {
      const { auth } = setup(() => answer);
      const error = await auth.headers().catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(Ms4AuthError);
      expect(error).toMatchObject({ code: 'ms4_auth', stage: 'send', status: null });
      expect(String(error)).not.toContain('the-secret');
    },
  );
});
