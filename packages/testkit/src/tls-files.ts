import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createAuthority, type TestCertificate } from './certificates.ts';

/** What servers and clients need for TLS, of an authority that only this run knows. */
export interface TlsFiles extends AsyncDisposable {
  /** PEM of the authority */
  readonly ca: string;
  /** what servers let in, where they want certificates */
  readonly client: TestCertificate;
  /** the same as files, as a process is given them */
  readonly files: Readonly<Record<'ca' | 'cert' | 'key', string>>;
  /** of redis.conf, for a server that speaks TLS on this port, to others of its kind too */
  readonly flags: (port: number) => Record<string, string | number>;
}

/** @param options.wantsCertificate of the clients of its servers; default false */
export async function createTlsFiles({ wantsCertificate = false } = {}): Promise<TlsFiles> {
  const authority = createAuthority('authority of a Redis');
  const [own, client] = [authority.issue('redis'), authority.issue('client')];
  const dir = await mkdtemp(join(tmpdir(), 'ms1-redis-tls-'));
  const file = async (name: string, pem: string): Promise<string> => {
    const path = join(dir, name);
    await writeFile(path, pem, { mode: 0o600 });
    return path;
  };
  const ca = await file('ca.pem', authority.cert);
  const [ownCert, ownKey] = [await file('own.pem', own.cert), await file('own.key', own.key)];
  return {
    ca: authority.cert,
    client,
    files: {
      ca,
      cert: await file('client.pem', client.cert),
      key: await file('client.key', client.key),
    },
    flags: (port) => ({
      'tls-port': port,
      'tls-cert-file': ownCert,
      'tls-key-file': ownKey,
      'tls-ca-cert-file': ca,
      'tls-auth-clients': wantsCertificate ? 'yes' : 'no',
      'tls-replication': 'yes',
      'tls-cluster': 'yes',
    }),
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  };
}
