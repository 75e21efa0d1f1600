import type { INetworkModule } from '@azure/msal-node';
import { describe, expect, test } from '@jest/globals';

import { GraphAuthError, GraphTransientError } from '../errors/graph-error.ts';
import { clientSecretTokens } from './client-secret-tokens.ts';

const TENANT = '11111111-1111-4111-8111-111111111111';

/** MSAL itself, and a token endpoint that answers as `answer` says. */
function setup(
  answer: (count: number) => { status: number; body: object } | Error,
  baseUrl = 'https://graph.microsoft.com/v1.0',
) {
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
  const tokens = clientSecretTokens({
    tenantId: TENANT,
    clientId: '22222222-2222-4222-8222-222222222222',
    clientSecret: 'the-secret',
    baseUrl,
    clock: { now: () => Date.now() },
    network,
  });
  return { tokens, posts };
}

const granted = (count: number) => ({
  status: 200,
  body: { token_type: 'Bearer', expires_in: 3_599, access_token: `token-${count}` },
});

describe('clientSecretTokens', () => {
  test('asks for a token by client credentials as the contract shows, once', async () => {
    const { tokens, posts } = setup(granted);
    expect(await Promise.all([tokens.token(), tokens.token()])).toEqual(['token-1', 'token-1']);
    expect(posts).toHaveLength(1);
    expect(posts[0]?.url).toContain(
      `https://login.microsoftonline.com/${TENANT}/oauth2/v2.0/token`,
    );
    expect(Object.fromEntries(posts[0]?.body ?? [])).toMatchObject({
      grant_type: 'client_credentials',
      client_secret: 'the-secret',
      scope: expect.stringContaining('https://graph.microsoft.com/.default'),
    });
  });

  test('gets another token after a refused one, not the same from a cache', async () => {
    const { tokens } = setup(granted);
    tokens.drop(await tokens.token());
    expect(await tokens.token()).toBe('token-2');
  });

  test.each([
    ['https://graph.microsoft.us/v1.0', 'login.microsoftonline.us'],
    ['https://dod-graph.microsoft.us/v1.0', 'login.microsoftonline.us'],
    // MSAL's newer name of login.chinacloudapi.cn, which it knows as an alias.
    ['https://microsoftgraph.chinacloudapi.cn/v1.0', 'login.partner.microsoftonline.cn'],
  ])('asks the token host of the cloud that %s is in', async (baseUrl, host) => {
    const { tokens, posts } = setup(granted, baseUrl);
    await tokens.token();
    expect(new URL(posts[0]?.url ?? '').host).toBe(host);
    expect(posts[0]?.body.get('scope')).toContain(`${new URL(baseUrl).origin}/.default`);
  });

  test('tells a refused credential from a token endpoint that does not answer, and shows no secret', async () => {
    const refused = setup(() => ({
      status: 401,
      body: { error: 'invalid_client', error_description: 'AADSTS7000215: wrong secret' },
    }));
    const error = await refused.tokens.token().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(GraphAuthError);
    expect(error).toMatchObject({ code: 'graph_auth', graphCode: 'invalid_client' });
    expect(String(error)).not.toContain('the-secret');
    const down = setup(() => new Error('connect ECONNREFUSED'));
    await expect(down.tokens.token()).rejects.toBeInstanceOf(GraphTransientError);
  });
});
