import { integer, secret, secureUrl, trustConfig } from '@ms1/runtime';
import { z } from 'zod';

import type { RedisServer } from './connect-redis.ts';
import { entraLogin, type RedisIdentity } from './entra-login.ts';
import { parseRedisUrl } from './redis-address.ts';

/** What every process reads of its Redis. Spread into its own schema; {@link redisServerOf} makes one thing of it. */
export const redisConfig = {
  ...trustConfig,
  // It may carry a password, so it may also come from a file.
  REDIS_URL: secret(
    z
      .string()
      .superRefine((value, context) => {
        try {
          parseRedisUrl(value);
        } catch (error) {
          context.addIssue((error as Error).message);
        }
      })
      .default('redis://127.0.0.1:6379')
      .meta({ type: 'redis or rediss URL' }),
  ).describe(
    'The Redis of the fleet: `redis://host:6379`, `redis+sentinel://host:26379,host:26379/name`, or ' +
      '`redis+cluster://host:6379,host:6379`; `rediss` for TLS ([redis.md](redis.md)). `npm start` runs a private one ' +
      'unless this is set.',
  ),
  REDIS_CA: secret(z.string().optional()).describe(
    'CA in PEM by which the certificate of Redis is signed, best as a file. Not set: those that Node knows.',
  ),
  REDIS_CERT: secret(z.string().optional()).describe(
    'Our certificate in PEM, where Redis wants one. Needs REDIS_KEY.',
  ),
  REDIS_KEY: secret(z.string().optional()).describe('Key of our certificate in PEM.'),
  REDIS_AUTH: z
    .enum(['entra'])
    .optional()
    .describe(
      'Logs in by a token of Entra ID in place of a password, by the workload identity where AKS gives one, else by ' +
        'the managed identity of the machine.',
    ),
  REDIS_USER: z
    .string()
    .optional()
    .describe('User of those tokens. Not set: the object id that they name.'),
  REDIS_MANAGED_IDENTITY: z
    .guid('must be a GUID')
    .toLowerCase()
    .optional()
    .describe('Client id of a user-assigned managed identity. Not set: the system-assigned one.'),
  AZURE_FEDERATED_TOKEN_FILE: z
    .string()
    .optional()
    .describe(
      'Path of the federated token, set by AKS in a pod with a workload identity. Counts where no other credential is ' +
        'given.',
    ),
  AZURE_CLIENT_ID: z.string().optional().describe('Of the workload identity, set by AKS.'),
  AZURE_TENANT_ID: z.string().optional().describe('Of the workload identity, set by AKS.'),
  AZURE_AUTHORITY_HOST: secureUrl()
    .default('https://login.microsoftonline.com/')
    .describe('Where its tokens come from, set by AKS.'),
  REDIS_SENTINEL_PASSWORD: secret(z.string().optional()).describe(
    'Password of the Sentinels themselves, where they have one.',
  ),
  // More than a Cluster has nodes, and few enough that a sum over all is one turn.
  REDIS_SHARDS: integer(1, 64)
    .default(1)
    .describe(
      'Hash tags over which queues, limits of mailboxes and what is remembered of messages are spread in a Cluster: ' +
        'the same for every process. A change is an operation ([scaling.md](scaling.md#shards)).',
    ),
  // Redis waits for as many as it is told, and one that is away refuses all mail where it is one too many.
  REDIS_WAIT_REPLICAS: integer(0, 5)
    .optional()
    .describe(
      'Replicas that must have new mail before it counts as taken. Not set: one, where Redis has any.',
    ),
};

type RedisConfig = z.infer<z.ZodObject<typeof redisConfig>>;

/** What {@link connectRedis} needs to know of where Redis is. */
export function redisServerOf(config: RedisConfig): RedisServer {
  return {
    url: config.REDIS_URL,
    ca: config.REDIS_CA,
    cert: config.REDIS_CERT,
    key: config.REDIS_KEY,
    sentinelPassword: config.REDIS_SENTINEL_PASSWORD,
    fetchToken: config.REDIS_AUTH && entraLogin(identityOf(config), config.REDIS_USER),
    waitReplicas: config.REDIS_WAIT_REPLICAS,
    trusted: config.TRUSTED_NETWORK,
  };
}

function identityOf(config: RedisConfig): RedisIdentity {
  const { AZURE_FEDERATED_TOKEN_FILE: tokenFile, AZURE_CLIENT_ID, AZURE_TENANT_ID } = config;
  const managed = config.REDIS_MANAGED_IDENTITY;
  if (managed !== undefined || !tokenFile || !AZURE_CLIENT_ID || !AZURE_TENANT_ID) {
    return { managedClientId: managed ?? null };
  }
  const authorityUrl = config.AZURE_AUTHORITY_HOST;
  return { tenantId: AZURE_TENANT_ID, clientId: AZURE_CLIENT_ID, tokenFile, authorityUrl };
}
