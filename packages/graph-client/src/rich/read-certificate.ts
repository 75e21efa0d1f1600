import { X509Certificate } from 'node:crypto';

import { certificateIdOf } from './certificate-id.ts';

/** What a subscription to rich notifications is made with (docs/graph-contract.md#encrypted-content). */
export interface EncryptionCertificate {
  id: string;
  /** DER as base64, public key only */
  base64: string;
}

/** bits of an RSA key that Graph takes (docs/graph-contract.md#encrypted-content) */
const BITS_MIN = 2_048;
const BITS_MAX = 4_096;

/**
 * A PEM certificate as Graph wants it. Self-signed is fine, and expiry is nobody's matter but Graph's.
 *
 * @throws {RangeError} naming what is wrong
 */
export function readCertificate(pem: string): EncryptionCertificate {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(pem);
  } catch {
    throw new RangeError('must be a certificate in PEM');
  }
  const { publicKey } = certificate;
  const bits = publicKey.asymmetricKeyDetails?.modulusLength ?? 0;
  if (publicKey.asymmetricKeyType !== 'rsa' || bits < BITS_MIN || bits > BITS_MAX) {
    throw new RangeError(`must hold an RSA key of ${BITS_MIN} to ${BITS_MAX} bits`);
  }
  return { id: certificateIdOf(publicKey), base64: certificate.raw.toString('base64') };
}
