import { type Finding, NotCheckableError } from './check.ts';
import { BY_MACHINE, judgeExpiry } from './judge-expiry.ts';
import { readCertificate } from './read-certificate.ts';
import { reasonOf } from './reason-of.ts';

export interface ServedBounds {
  timeoutMs: number;
  ca?: string;
  cert?: string;
  key?: string;
  /** what to do when it ends, and when it is not trusted */
  expired: string;
  untrusted: string;
}

/** Judges the certificate that a server shows. @throws {NotCheckableError} when it shows none */
export async function judgeServed(url: URL, now: number, bounds: ServedBounds): Promise<Finding> {
  if (url.protocol !== 'https:') {
    throw new NotCheckableError('plain http: there is no certificate');
  }
  const { trusted, problem, expiresAt } = await readCertificate(url, bounds).catch(
    (error: unknown) => {
      throw new NotCheckableError(`there is no handshake: ${reasonOf(error)}`);
    },
  );
  const { status, seen } = judgeExpiry('its certificate', expiresAt, now, BY_MACHINE);
  if (trusted || problem === 'CERT_HAS_EXPIRED') {
    if (status === 'ok') return { status, seen };
    return { status: problem === '' ? status : 'fail', seen, remedy: bounds.expired };
  }
  const code = Object.assign(new Error(problem), { code: problem });
  return { status: 'fail', seen: reasonOf(code), remedy: bounds.untrusted };
}
