import { X509Certificate } from 'node:crypto';

import type { Finding } from './check.ts';
import { BY_HAND, judgeExpiry } from './judge-expiry.ts';

/**
 * Judges a certificate of ours, the first of the PEM.
 *
 * @param remedy what to do when it ends
 */
export function judgeCertificate(pem: string, now: number, remedy: string): Finding {
  try {
    const { validTo } = new X509Certificate(pem);
    return {
      ...judgeExpiry('the client certificate', Date.parse(validTo), now, BY_HAND),
      remedy,
    };
  } catch {
    return {
      status: 'fail',
      seen: 'the client certificate cannot be read',
      remedy: 'give the certificate as PEM, its own part first',
    };
  }
}
