import { type Credential, graphTenants } from '@ms1/graph-client';

import { type Check, type Finding, NotCheckableError } from '../check.ts';
import { judgeCertificate } from '../judge-certificate.ts';
import { BY_HAND, judgeExpiry } from '../judge-expiry.ts';

const RENEW =
  'make another in Entra ID, give it to poller and processor, restart them one by one, and then remove the old one';
const WORST = ['fail', 'warn', 'ok'] as const;

export const graphCredential: Check = {
  name: 'graph.credential',
  about: 'no credential for Graph expires soon',
  async run({ settings, clock }) {
    const { GRAPH_CLIENT_SECRET_EXPIRES: secretEnds } = settings.get('graph');
    const tenants = graphTenants(settings.get('graph'));
    const found = tenants.flatMap(({ tenantId, credential }) => {
      const finding = judge(credential, secretEnds, clock.now());
      return finding ? [{ tenantId, finding }] : [];
    });
    const [worst] = WORST.flatMap((status) =>
      found.filter(({ finding }) => finding.status === status),
    );
    if (!worst) throw new NotCheckableError('an identity of the platform: it does not expire');
    if (tenants.length === 1) return worst.finding;
    const details = found.map(({ tenantId, finding }) => `tenant ${tenantId}: ${finding.seen}`);
    return { ...worst.finding, details };
  },
};

/** undefined: it does not end by itself */
function judge(
  credential: Credential,
  secretEnds: number | undefined,
  now: number,
): Finding | undefined {
  if (credential.kind === 'certificate') {
    return judgeCertificate(credential.certificate, now, RENEW);
  }
  if (credential.kind !== 'secret') return undefined;
  if (secretEnds === undefined) {
    return {
      status: 'warn',
      seen: 'the expiry of the client secret is not known: Mail.Read does not show it',
      remedy:
        'set GRAPH_CLIENT_SECRET_EXPIRES to the date that Entra ID shows beside the secret (Certificates & secrets), of several the first',
    };
  }
  return { ...judgeExpiry('the client secret', secretEnds, now, BY_HAND), remedy: RENEW };
}
