import { type Check, NotCheckableError } from '../check.ts';
import { judgeCertificate } from '../judge-certificate.ts';
import { BY_HAND, judgeExpiry } from '../judge-expiry.ts';

export const ms4CredentialExpiry: Check = {
  name: 'ms4.credential-expiry',
  about: 'our credential for MS4 does not expire soon',
  async run({ settings, clock }) {
    const ms4 = settings.get('ms4');
    const { MS4_CLIENT_SECRET, MS4_TLS_CERT, MS4_CLIENT_SECRET_EXPIRES: expiresAt } = ms4;
    const now = clock.now();
    if (MS4_TLS_CERT) {
      const remedy = 'have MS4 issue another certificate and give it to ms4-sender';
      return judgeCertificate(MS4_TLS_CERT, now, remedy);
    }
    if (!MS4_CLIENT_SECRET) {
      throw new NotCheckableError('a token or key: it does not say when it expires');
    }
    if (expiresAt === undefined) {
      return {
        status: 'warn',
        seen: 'the expiry of the client secret is not known',
        remedy: 'set MS4_CLIENT_SECRET_EXPIRES to the date that Entra ID shows beside the secret',
      };
    }
    return {
      ...judgeExpiry('the client secret', expiresAt, now, BY_HAND),
      remedy: 'make another secret in Entra ID and give it to ms4-sender',
    };
  },
};
