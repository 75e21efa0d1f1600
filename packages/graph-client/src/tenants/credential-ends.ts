import { endOfCertificate } from '@ms1/runtime';

import type { GraphConfig } from '../graph-config.ts';
import { graphTenants } from './graph-tenants.ts';

/**
 * When our credentials for Graph end, ms since the epoch: of certificates by themselves, of secrets as configured. Graph
 * would say it of a secret to whoever may read applications, which is no business of a reader of mail.
 */
export function credentialEnds(config: GraphConfig): number[] {
  const certificates = graphTenants(config).flatMap(({ credential }) =>
    credential.kind === 'certificate' ? [endOfCertificate(credential.certificate)] : [],
  );
  return [...certificates, config.GRAPH_CLIENT_SECRET_EXPIRES ?? null].filter((at) => at !== null);
}
