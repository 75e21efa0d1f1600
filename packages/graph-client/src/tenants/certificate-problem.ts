import { createPrivateKey, X509Certificate } from 'node:crypto';

/** What is wrong with a certificate and its key (PEM); undefined when nothing is. Quotes neither. */
export function certificateProblem(certificate: string, privateKey: string): string | undefined {
  let parsed: X509Certificate;
  try {
    parsed = new X509Certificate(certificate);
  } catch {
    return 'the certificate is not PEM';
  }
  try {
    const key = createPrivateKey(privateKey);
    // Entra takes assertions signed with PS256 or RS256 alone.
    if (key.asymmetricKeyType !== 'rsa') return 'the key must be an RSA key';
    if (!parsed.checkPrivateKey(key)) return 'the key is not that of the certificate';
  } catch {
    return 'the key is not PEM, or is encrypted';
  }
  return undefined;
}
