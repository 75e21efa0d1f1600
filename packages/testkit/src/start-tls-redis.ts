import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createAuthority, type TestCertificate } from './certificates.ts';
import { freePort } from './free-port.ts';
import { startRedis, type TestRedis } from './start-redis.ts';

/** A server that speaks TLS, with a certificate of an authority that only this run knows. */
export interface TlsRedis extends AsyncDisposable {
  /** without TLS, for the test itself */
  readonly server: TestRedis;
  /** where it speaks TLS; `user:password@` before it is the test's to add */
  readonly host: string;
  /** PEM of the authority */
  readonly ca: string;
  /** what it lets in, where it wants certificates */
  readonly client: TestCertificate;
  /** the same as files, as a process is given them */
  readonly files: Readonly<Record<'ca' | 'cert' | 'key', string>>;
}

/** @param options.wantsCertificate of its clients; default false */
export async function startTlsRedis({ wantsCertificate = false } = {}): Promise<TlsRedis> {
  await using stack = new AsyncDisposableStack();
  const authority = createAuthority('authority of a Redis');
  const [own, client] = [authority.issue('redis'), authority.issue('client')];
  const dir = await mkdtemp(join(tmpdir(), 'ms1-redis-tls-'));
  stack.defer(() => rm(dir, { recursive: true, force: true }));
  const file = async (name: string, pem: string): Promise<string> => {
    const path = join(dir, name);
    await writeFile(path, pem, { mode: 0o600 });
    return path;
  };
  const ca = await file('ca.pem', authority.cert);
  const port = await freePort();
  const server = stack.use(
    await startRedis({
      flags: {
        'tls-port': port,
        'tls-cert-file': await file('own.pem', own.cert),
        'tls-key-file': await file('own.key', own.key),
        'tls-ca-cert-file': ca,
        'tls-auth-clients': wantsCertificate ? 'yes' : 'no',
      },
    }),
  );
  const files = {
    ca,
    cert: await file('client.pem', client.cert),
    key: await file('client.key', client.key),
  };
  const opened = stack.move();
  return {
    server,
    host: `127.0.0.1:${port}`,
    ca: authority.cert,
    client,
    files,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
