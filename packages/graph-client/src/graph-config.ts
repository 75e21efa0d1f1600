import { integer, secret, secureUrl } from '@ms1/runtime';
import { z } from 'zod';

import { CLOUD_NAMES } from './auth/clouds.ts';
import { TenantsFile } from './tenants/tenants-file.ts';

const Guid = z.guid('must be a GUID').toLowerCase();

/** The variables of an app that calls Graph. Spread into its schema; refine it with {@link credentialsProblem}. */
export const graphConfig = {
  /** decides where Graph is and where tokens come from; default: that of GRAPH_BASE_URL, else global */
  GRAPH_CLOUD: z.enum(CLOUD_NAMES).optional(),
  /** with the version; default: that of the cloud */
  GRAPH_BASE_URL: secureUrl().optional(),
  GRAPH_TENANT_ID: Guid.optional(),
  GRAPH_CLIENT_ID: Guid.optional(),
  GRAPH_CLIENT_SECRET: secret(z.string().optional()),
  /** PEM, with its chain where there is one */
  GRAPH_CLIENT_CERTIFICATE: secret(z.string().optional()),
  /** PEM, of the certificate */
  GRAPH_CLIENT_CERTIFICATE_KEY: secret(z.string().optional()),
  /** `system`, or the client id of a user-assigned identity */
  GRAPH_MANAGED_IDENTITY: z
    .union([z.literal('system'), Guid], 'must be system, or the client id of an identity')
    .optional(),
  /** path, set by AKS for a workload identity; counts where no other credential is given */
  AZURE_FEDERATED_TOKEN_FILE: z.string().optional(),
  /** instead of the client credentials, for a simulator on loopback only */
  GRAPH_STATIC_TOKEN: secret(z.string().optional()),
  /** path of a JSON file with several tenants, instead of the variables above */
  GRAPH_TENANTS_FILE: TenantsFile.optional(),
  /** ms for one call, whatever it waits for; Graph itself gives up at about 30 s (docs/graph-contract.md#time-limit) */
  GRAPH_TIMEOUT_MS: integer(1_000, 120_000).default(30_000),
};

const GraphConfig = z.object(graphConfig);
export type GraphConfig = z.infer<typeof GraphConfig>;
