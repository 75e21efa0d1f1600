import { type Check, NotCheckableError } from '../check.ts';
import { BY_HAND, judgeExpiry } from '../judge-expiry.ts';

export const graphCredential: Check = {
  name: 'graph.credential',
  about: 'the credential for Graph does not end soon',
  async run({ settings, clock }) {
    const { GRAPH_CLIENT_SECRET } = settings.get('graph');
    if (!GRAPH_CLIENT_SECRET) throw new NotCheckableError('there is no client secret');
    const { GRAPH_CLIENT_SECRET_EXPIRES: expiresAt } = settings.get('doctor');
    if (expiresAt === undefined) {
      return {
        status: 'warn',
        seen: 'when the client secret ends is not known: Mail.Read does not show it',
        remedy:
          'set GRAPH_CLIENT_SECRET_EXPIRES to the date that Entra ID shows beside the secret (Certificates & secrets)',
      };
    }
    return {
      ...judgeExpiry('the client secret', expiresAt, clock.now(), BY_HAND),
      remedy:
        'make another secret in Entra ID, give it to poller and processor, restart them one by one, and then remove the old one',
    };
  },
};
