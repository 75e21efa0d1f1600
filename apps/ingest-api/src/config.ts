import { payloadConfig } from '@ms1/queue';
import { redisConfig } from '@ms1/redis';
import { integer, secret, secureUrl, sharedConfig } from '@ms1/runtime';
import { z } from 'zod';

import { readPrivateKeys } from './rich/private-keys.ts';

const PrivateKeys = z.string().transform((pems, context) => {
  try {
    return readPrivateKeys(pems);
  } catch (error) {
    context.addIssue((error as Error).message);
    return z.NEVER;
  }
});

/** What ingest-api reads from its environment. */
export const Config = z
  .object({
    ...sharedConfig(8081),
    ...redisConfig,
    ...payloadConfig,
    INGEST_API_HOST: z
      .string()
      .default('0.0.0.0')
      .describe(
        'Where the webhook listens. Graph must reach it, directly or through a proxy that ends TLS.',
      ),
    INGEST_API_PORT: integer(0, 65_535).default(8080).describe('Port of the webhook.'),
    INGEST_API_POSTS_PER_SECOND_MAX: integer(1, 100_000)
      .default(2_000)
      .describe(
        'POSTs that one process takes. Above it they are answered 503 unread, and Graph sends them again.',
      ),
    // 0: the connection's own address, unless it is private, counts as the sender's.
    INGEST_API_TRUSTED_PROXIES: integer(0, 10)
      .default(0)
      .describe(
        'How many proxies before it add to X-Forwarded-For: tells the address of a flood from those of Graph.',
      ),
    NOTIFICATION_PRIVATE_KEYS: secret(PrivateKeys.optional()).describe(
      'Private key in PEM of the certificate of rich notifications; while certificates are exchanged, the old one ' +
        'after it. Needs GRAPH_CLIENT_ID.',
    ),
    NOTIFICATION_TOKEN_AUTHORITY_URL: secureUrl()
      .default('https://login.microsoftonline.com')
      .describe(
        'Who issues the tokens that rich notifications carry. National clouds have their own.',
      ),
    // Those tokens must be meant for our app.
    GRAPH_CLIENT_ID: z
      .string()
      .regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, 'must be a GUID')
      .optional(),
  })
  .refine((config) => !config.NOTIFICATION_PRIVATE_KEYS || config.GRAPH_CLIENT_ID, {
    error:
      'NOTIFICATION_PRIVATE_KEYS needs GRAPH_CLIENT_ID, for which the tokens of Graph are issued',
  });
