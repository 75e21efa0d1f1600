import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { createAuthority } from '@ms1/testkit';

import { tokensOf } from '../src/auth/tokens-of.ts';
import type { Credential } from '../src/index.ts';

export const TENANT = '11111111-1111-4111-8111-111111111111';
export const CLIENT = '22222222-2222-4222-8222-222222222222';
/** Trusted by this process from the first endpoint on. */
export const AUTHORITY = createAuthority('authority of the test');

const EXAMPLE = join(import.meta.dirname, '../../../../shared/graph/examples/token-response.json');
/** What Entra answers with, from the contract's examples where they are. */
export const GRANTED: Record<string, unknown> = existsSync(EXAMPLE)
  ? JSON.parse(readFileSync(EXAMPLE, 'utf8'))
  : { token_type: 'Bearer', expires_in: 3_599, ext_expires_in: 3_599, access_token: 'a.b.c' };

export interface TokenPost {
  path: string;
  form: Record<string, string>;
}

export interface TokenAnswer {
  status: number;
  body: object | string;
  headers?: Record<string, string>;
}

/** A token endpoint over TLS, and what was posted to it. */
export async function tokenEndpoint(
  answer: (post: TokenPost, index: number) => TokenAnswer = () => ({ status: 200, body: GRANTED }),
  certificate = AUTHORITY.issue('localhost'),
) {
  setDefaultCACertificates([...getCACertificates('default'), AUTHORITY.cert]);
  const posts: TokenPost[] = [];
  const server: Server = createServer(certificate, (req, res) => {
    let text = '';
    req.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    req.on('end', () => {
      const post = { path: req.url ?? '', form: Object.fromEntries(new URLSearchParams(text)) };
      posts.push(post);
      const { status, body, headers } = answer(post, posts.length - 1);
      res.writeHead(status, { 'content-type': 'application/json', ...headers });
      res.end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  });
  // A client that does not trust us is no error of ours.
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const authorityUrl = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    posts,
    authorityUrl,
    tokens: (credential: Credential) =>
      tokensOf(
        {
          tenantId: TENANT,
          baseUrl: 'https://graph.microsoft.com/v1.0',
          authorityUrl,
          scope: 'https://graph.microsoft.com/.default',
          credential,
        },
        { now: () => Date.now() },
      ),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
