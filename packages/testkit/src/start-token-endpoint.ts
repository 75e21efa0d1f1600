import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';

import { createAuthority, type TestCertificate } from './certificates.ts';
import { openServer } from './open-server.ts';

export interface TokenPost {
  path: string;
  form: Record<string, string>;
}

export interface TokenAnswer {
  status: number;
  body: object | string;
  headers?: Record<string, string>;
}

export interface TestTokenEndpoint extends AsyncDisposable {
  readonly posts: readonly TokenPost[];
  /** scheme and host */
  readonly authorityUrl: string;
  /** PEM of who vouches for it, for other processes */
  readonly ca: string;
}

/**
 * Trusted by a process from its first endpoint on. Its name is its own: of two authorities of one name OpenSSL tries one, and
 * a process that runs several test files has several.
 */
const AUTHORITY = createAuthority(`authority of the test ${randomUUID()}`);

/**
 * A token endpoint over TLS, and what was posted to it.
 *
 * @param answer null: it takes the response into its own hands
 */
export async function startTokenEndpoint(
  answer: (post: TokenPost, index: number, res: ServerResponse) => TokenAnswer | null,
  certificate: TestCertificate = AUTHORITY.issue('localhost'),
): Promise<TestTokenEndpoint> {
  setDefaultCACertificates([...getCACertificates('default'), AUTHORITY.cert]);
  const posts: TokenPost[] = [];
  const server = createServer(certificate, (req, res) => {
    let text = '';
    req.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    req.on('end', () => {
      const post = { path: req.url ?? '', form: Object.fromEntries(new URLSearchParams(text)) };
      posts.push(post);
      const given = answer(post, posts.length - 1, res);
      if (given === null) return;
      res.writeHead(given.status, { 'content-type': 'application/json', ...given.headers });
      res.end(typeof given.body === 'string' ? given.body : JSON.stringify(given.body));
    });
  });
  // A client that does not trust us is no error of ours.
  server.on('tlsClientError', () => undefined);
  const open = await openServer(server);
  return {
    posts,
    ca: AUTHORITY.cert,
    authorityUrl: `https://127.0.0.1:${open.port}`,
    [Symbol.asyncDispose]: () => open[Symbol.asyncDispose](),
  };
}
