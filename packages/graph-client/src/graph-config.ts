import { integer, secret, url } from '@ms1/runtime';
import { z } from 'zod';

import { clientSecretTokens } from './auth/client-secret-tokens.ts';
import { isLoopback, staticToken } from './auth/static-token.ts';
import type { TokenSource } from './auth/token-source.ts';

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The variables of an app that calls Graph. Spread into its schema; refine it with {@link credentialsProblem}. */
export const graphConfig = {
  /** with the version; a national cloud has its own host (Graph contract 9) */
  GRAPH_BASE_URL: url('https', 'http').default('https://graph.microsoft.com/v1.0'),
  GRAPH_TENANT_ID: z
    .string('set it to the tenant id, a GUID')
    .regex(GUID, 'must be a GUID')
    .transform((id) => id.toLowerCase()),
  GRAPH_CLIENT_ID: z.string().regex(GUID, 'must be a GUID').optional(),
  GRAPH_CLIENT_SECRET: secret(z.string().optional()),
  /** instead of the client credentials, for a simulator on loopback only */
  GRAPH_STATIC_TOKEN: secret(z.string().optional()),
  /** ms for one call, whatever it waits for; Graph itself gives up at about 30 s (Graph contract 5.3) */
  GRAPH_TIMEOUT_MS: integer(1_000, 120_000).default(30_000),
};

const GraphConfig = z.object(graphConfig);
export type GraphConfig = z.infer<typeof GraphConfig>;

/** Why the credentials do not do, naming the variables; undefined when they do. */
export function credentialsProblem(config: Partial<GraphConfig>): string | undefined {
  const { GRAPH_BASE_URL = '', GRAPH_CLIENT_ID, GRAPH_CLIENT_SECRET, GRAPH_STATIC_TOKEN } = config;
  if (!URL.canParse(GRAPH_BASE_URL)) return undefined;
  const local = isLoopback(GRAPH_BASE_URL);
  if (!local && new URL(GRAPH_BASE_URL).protocol !== 'https:') {
    return 'GRAPH_BASE_URL must be https:// (http:// is for loopback only)';
  }
  if (GRAPH_STATIC_TOKEN) {
    return local
      ? undefined
      : 'GRAPH_STATIC_TOKEN is for a GRAPH_BASE_URL on loopback only: set GRAPH_CLIENT_ID and GRAPH_CLIENT_SECRET';
  }
  if (GRAPH_CLIENT_ID && GRAPH_CLIENT_SECRET) return undefined;
  return `GRAPH_CLIENT_ID and GRAPH_CLIENT_SECRET must both be set${local ? ', or GRAPH_STATIC_TOKEN' : ''}`;
}

/** The token source that the configuration names. */
export function tokenSourceOf(config: GraphConfig, clock: { now(): number }): TokenSource {
  const { GRAPH_STATIC_TOKEN, GRAPH_BASE_URL, GRAPH_CLIENT_ID, GRAPH_CLIENT_SECRET } = config;
  if (GRAPH_STATIC_TOKEN) return staticToken(GRAPH_STATIC_TOKEN, GRAPH_BASE_URL);
  return clientSecretTokens({
    tenantId: config.GRAPH_TENANT_ID,
    clientId: GRAPH_CLIENT_ID ?? '',
    clientSecret: GRAPH_CLIENT_SECRET ?? '',
    baseUrl: GRAPH_BASE_URL,
    clock,
  });
}
