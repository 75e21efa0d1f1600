import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Certificate {
  cert: string;
  key: string;
}

/** An authority of the test's own, and what it signs for 127.0.0.1. Made anew by openssl: no key lies in the repository. */
export async function certificateAuthority() {
  const dir = await mkdtemp(join(tmpdir(), 'ms1-ca-'));
  const file = (name: string): string => join(dir, name);
  // RSA: Entra takes no other.
  const rsa = ['-newkey', 'rsa:2048', '-nodes'];
  const subject = ['-subj', '/CN=ms1 test'];
  const own = ['-keyout', file('ca.key'), '-out', file('ca.pem'), '-days', '3650'];
  await run('openssl', ['req', '-x509', ...rsa, ...subject, ...own]);
  await writeFile(file('ext'), 'subjectAltName=IP:127.0.0.1\n');
  let made = 0;
  return {
    ca: await readFile(file('ca.pem'), 'utf8'),
    /** @param days that it is valid from now */
    async sign(days: number): Promise<Certificate> {
      made += 1;
      const [key, csr, cert] = [`${made}.key`, `${made}.csr`, `${made}.pem`].map(file) as [
        string,
        string,
        string,
      ];
      await run('openssl', ['req', ...rsa, ...subject, '-keyout', key, '-out', csr]);
      const authority = ['-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-CAcreateserial'];
      const terms = ['-days', String(days), '-extfile', file('ext')];
      await run('openssl', ['x509', '-req', '-in', csr, ...authority, ...terms, '-out', cert]);
      return { cert: await readFile(cert, 'utf8'), key: await readFile(key, 'utf8') };
    },
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true }),
  };
}
