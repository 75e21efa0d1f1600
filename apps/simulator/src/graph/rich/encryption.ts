import {
  constants,
  createCipheriv,
  createHmac,
  publicEncrypt,
  randomBytes,
  X509Certificate,
} from 'node:crypto';

import { badRequest, GraphRefusal } from '../graph-error.ts';

/** What a subscription gave to encrypt for. */
export interface Encryption {
  readonly certificate: string;
  readonly certificateId: string;
}

/**
 * A certificate that can be encrypted for, as it came.
 *
 * @throws {GraphRefusal} 400
 */
export function checkedEncryption(certificate?: string | null, id?: string | null): Encryption {
  if (!certificate || !id) {
    throw refused('encryptionCertificate and encryptionCertificateId are required.');
  }
  let bits: number | undefined;
  try {
    bits = read(certificate).publicKey.asymmetricKeyDetails?.modulusLength;
  } catch {
    throw refused('encryptionCertificate is not a base64 X.509 certificate.');
  }
  if (bits === undefined || bits < 2_048 || bits > 4_096) {
    throw refused('The key of encryptionCertificate must be RSA of 2048 to 4096 bits.');
  }
  return { certificate, certificateId: id };
}

/**
 * The resource as rich notifications carry it (docs/graph-contract.md#encrypted-content): another symmetric key for
 * each item.
 */
export function encryptContent(
  content: object,
  { certificate, certificateId }: Encryption,
): object {
  const x509 = read(certificate);
  const key = randomBytes(32);
  const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16));
  const data = Buffer.concat([cipher.update(JSON.stringify(content), 'utf8'), cipher.final()]);
  const padding = constants.RSA_PKCS1_OAEP_PADDING;
  const dataKey = publicEncrypt({ key: x509.publicKey, padding, oaepHash: 'sha1' }, key);
  return {
    data: data.toString('base64'),
    dataKey: dataKey.toString('base64'),
    dataSignature: createHmac('sha256', key).update(data).digest('base64'),
    encryptionCertificateId: certificateId,
    encryptionCertificateThumbprint: x509.fingerprint.replaceAll(':', ''),
  };
}

function read(certificate: string): X509Certificate {
  return new X509Certificate(Buffer.from(certificate, 'base64'));
}

function refused(message: string): GraphRefusal {
  return new GraphRefusal(badRequest(message, 'InvalidRequest'));
}
