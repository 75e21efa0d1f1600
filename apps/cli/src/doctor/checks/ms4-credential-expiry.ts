import { X509Certificate } from 'node:crypto';

import { type Check, type Finding, NotCheckableError } from '../check.ts';
import { BY_HAND, judgeExpiry } from '../judge-expiry.ts';

export const ms4CredentialExpiry: Check = {
  name: 'ms4.credential-expiry',
  about: 'what MS4 knows us by does not end soon',
  async run({ settings, clock }) {
    const { MS4_CLIENT_SECRET, MS4_TLS_CERT } = settings.get('ms4');
    const { MS4_CLIENT_SECRET_EXPIRES: expiresAt } = settings.get('doctor');
    const now = clock.now();
    if (MS4_TLS_CERT) return ofCertificate(MS4_TLS_CERT, now);
    if (!MS4_CLIENT_SECRET) {
      throw new NotCheckableError('a token or key: nothing says when it ends');
    }
    if (expiresAt === undefined) {
      return {
        status: 'warn',
        seen: 'when the client secret ends is not known',
        remedy: 'set MS4_CLIENT_SECRET_EXPIRES to the date that Entra ID shows beside the secret',
      };
    }
    return {
      ...judgeExpiry('the client secret', expiresAt, now, BY_HAND),
      remedy: 'make another secret in Entra ID and give it to ms4-sender',
    };
  },
};

function ofCertificate(pem: string, now: number): Finding {
  try {
    const { validTo } = new X509Certificate(pem);
    return {
      ...judgeExpiry('the client certificate', Date.parse(validTo), now, BY_HAND),
      remedy: 'have MS4 issue another certificate and give it to ms4-sender',
    };
  } catch {
    return {
      status: 'fail',
      seen: 'MS4_TLS_CERT is no certificate that can be read',
      remedy: 'give MS4_TLS_CERT (or MS4_TLS_CERT_FILE) the certificate as PEM, leaf first',
    };
  }
}
