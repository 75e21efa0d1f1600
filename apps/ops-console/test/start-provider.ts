import { createHash, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { closeServer, listen } from '@ms1/runtime';
import {
  type CryptoKey,
  exportJWK,
  generateKeyPair,
  type JWTHeaderParameters,
  SignJWT,
} from 'jose';

export const CLIENT_ID = '22222222-2222-4222-8222-222222222222';
export const CLIENT_SECRET = 'client-secret';

interface Key {
  kid: string;
  privateKey: CryptoKey;
  publicKey: CryptoKey;
}

async function makeKey(): Promise<Key> {
  return { kid: randomUUID(), ...(await generateKeyPair('RS256')) };
}

/** An OpenID Connect provider with real keys: whoever is led to it is logged in at once, as `person` says. */
export async function startProvider() {
  let keys = [await makeKey()];
  const hits: Record<string, number> = {};
  const codes = new Map<string, { challenge: string; nonce: string; redirectUri: string }>();
  const state = { person: { sub: 'person-1', roles: ['Ms1.Operator'] } as Record<string, unknown> };
  const now = (): number => Math.floor(Date.now() / 1_000);

  const sign = async (
    claims: Record<string, unknown>,
    { key = keys[0], header = {} }: { key?: Key; header?: Partial<JWTHeaderParameters> } = {},
  ): Promise<string> => {
    if (!key) throw new Error('the provider has no key');
    const times = { iat: now(), nbf: now() - 5, exp: now() + 300 };
    return new SignJWT({ iss: issuer, aud: CLIENT_ID, sub: 'app-1', ...times, ...claims })
      .setProtectedHeader({ alg: 'RS256', kid: key.kid, ...header })
      .sign(key.privateKey);
  };

  const server = createServer((req, res) => {
    const url = new URL(req.url ?? '/', issuer);
    hits[url.pathname] = (hits[url.pathname] ?? 0) + 1;
    const json = (status: number, body: object): void => {
      res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    const answers: Record<string, () => Promise<void> | void> = {
      '/.well-known/openid-configuration': () =>
        json(200, {
          issuer,
          jwks_uri: `${issuer}/keys`,
          authorization_endpoint: `${issuer}/authorize`,
          token_endpoint: `${issuer}/token`,
          response_types_supported: ['code'],
          subject_types_supported: ['public'],
          id_token_signing_alg_values_supported: ['RS256'],
          code_challenge_methods_supported: ['S256'],
        }),
      '/keys': async () =>
        json(200, {
          keys: await Promise.all(
            keys.map(async ({ kid, publicKey }) => ({
              ...(await exportJWK(publicKey)),
              kid,
              use: 'sig',
              alg: 'RS256',
            })),
          ),
        }),
      '/authorize': () => {
        const asked = (name: string): string => url.searchParams.get(name) ?? '';
        const code = randomUUID();
        codes.set(code, {
          challenge: asked('code_challenge'),
          nonce: asked('nonce'),
          redirectUri: asked('redirect_uri'),
        });
        const back = new URL(asked('redirect_uri'));
        back.searchParams.set('code', code);
        back.searchParams.set('state', asked('state'));
        res.writeHead(302, { location: back.href }).end();
      },
      '/token': async () => {
        let text = '';
        for await (const chunk of req.setEncoding('utf8')) text += String(chunk);
        const form = new URLSearchParams(text);
        const code = codes.get(form.get('code') ?? '');
        codes.delete(form.get('code') ?? '');
        const verifier = createHash('sha256')
          .update(form.get('code_verifier') ?? '')
          .digest('base64url');
        const fits =
          form.get('client_secret') === CLIENT_SECRET &&
          verifier === code?.challenge &&
          form.get('redirect_uri') === code.redirectUri;
        if (!fits) return json(400, { error: 'invalid_grant' });
        const id_token = await sign({ nonce: code?.nonce, ...state.person });
        return json(200, { access_token: 'opaque', token_type: 'Bearer', id_token });
      },
    };
    void (answers[url.pathname] ?? (() => json(404, {})))();
  });
  const port = await listen(server, { host: '127.0.0.1', port: 0, variable: 'PORT' });
  const issuer = `http://127.0.0.1:${port}`;

  return {
    issuer,
    hits,
    state,
    sign,
    publicKey: () => keys[0]?.publicKey,
    makeKey,
    /** signs with a new key from now on, and publishes only that */
    async rotate() {
      keys = [await makeKey()];
    },
    stop: () => closeServer(server),
  };
}
