import { X509Certificate } from 'node:crypto';

/** ms since the epoch at which the first certificate of a PEM ends; null where it cannot be read. */
export function endOfCertificate(pem: string): number | null {
  try {
    const at = Date.parse(new X509Certificate(pem).validTo);
    return Number.isNaN(at) ? null : at;
  } catch {
    return null;
  }
}
