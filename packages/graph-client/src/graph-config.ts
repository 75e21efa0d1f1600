import { integer, moment, secret, trustConfig, trustedUrl } from '@ms1/runtime';
import { z } from 'zod';

import { CLOUD_NAMES } from './auth/clouds.ts';
import { TenantsFile } from './tenants/tenants-file.ts';

const Guid = z.guid('must be a GUID').toLowerCase();

/** The variables of an app that calls Graph. Spread into its schema; refine it with {@link credentialsProblem}. */
export const graphConfig = {
  ...trustConfig,
  GRAPH_TENANT_ID: Guid.optional().describe(
    'Tenant id. Required, unless GRAPH_TENANTS_FILE names the tenants.',
  ),
  GRAPH_CLIENT_ID: Guid.optional().describe(
    'App registration with the application permission Mail.Read, limited to the mailboxes by RBAC for Applications. ' +
      'Required, but for a managed identity.',
  ),
  GRAPH_CLIENT_SECRET: secret(z.string().optional()).describe(
    'How the application proves itself: exactly one of a client secret, a certificate, a managed identity, or the ' +
      'federated token of a workload identity.',
  ),
  GRAPH_CLIENT_SECRET_EXPIRES: moment()
    .optional()
    .describe(
      'The date that Entra ID shows beside the client secret, of several the first: to be told of it in time.',
    ),
  GRAPH_CLIENT_CERTIFICATE: secret(z.string().optional()).describe(
    'Certificate in PEM, with its chain, best as a file.',
  ),
  GRAPH_CLIENT_CERTIFICATE_KEY: secret(z.string().optional()).describe('Its RSA key in PEM.'),
  GRAPH_MANAGED_IDENTITY: z
    .union([z.literal('system'), Guid], 'must be system, or the client id of an identity')
    .optional()
    .meta({ type: '`system` or GUID' })
    .describe('Managed identity: `system`, or the client id of a user-assigned one.'),
  AZURE_FEDERATED_TOKEN_FILE: z
    .string()
    .optional()
    .describe(
      'Path of the federated token, set by AKS in a pod with a workload identity. Counts where no other credential is ' +
        'given.',
    ),
  GRAPH_TENANTS_FILE: TenantsFile.optional().describe(
    'Path of a JSON file with several tenants, each with its credential and mailboxes ([graph.md](graph.md)), instead ' +
      'of the variables above and MAILBOXES.',
  ),
  GRAPH_CLOUD: z
    .enum(CLOUD_NAMES)
    .optional()
    .describe(
      'Where Graph is and where tokens come from. Not set: that of GRAPH_BASE_URL, else global.',
    ),
  GRAPH_BASE_URL: trustedUrl()
    .optional()
    .describe('Graph with its version. Not set: that of the cloud.'),
  // Graph itself gives up at about 30 s (docs/graph-contract.md#time-limit).
  GRAPH_TIMEOUT_MS: integer(1_000, 120_000)
    .default(30_000)
    .describe('Time for one call, whatever it waits for.'),
  GRAPH_STATIC_TOKEN: secret(z.string().optional()).describe(
    'Instead of client id and secret, for a simulator on loopback or in TRUSTED_NETWORK only.',
  ),
};

const GraphConfig = z.object(graphConfig);
export type GraphConfig = z.infer<typeof GraphConfig>;
