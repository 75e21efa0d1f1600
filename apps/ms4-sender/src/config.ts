import { requireSecureOrigin } from '@ms1/resilience';
import { integer, secret, sharedConfig } from '@ms1/runtime';
import { z } from 'zod';

/** What the ms4-sender reads from its environment. */
export const Config = z
  .object({
    ...sharedConfig(8084),
    /** scheme, host and port of MS4; a path in it precedes MS4_BATCH_PATH */
    MS4_BASE_URL: z
      .string('set it to the address of MS4, such as https://ms4.example')
      .superRefine((value, context) => {
        try {
          requireSecureOrigin(value, 'it');
        } catch (error) {
          context.addIssue(error instanceof Error ? error.message : 'is not a URL');
        }
      }),
    MS4_BATCH_PATH: z
      .string()
      .regex(/^\/\S*$/, 'must begin with a slash')
      .default('/v1/batches'),
    /** one of the three, or a client certificate alone */
    MS4_TOKEN: secret(headerValue().optional()),
    MS4_API_KEY: secret(headerValue().optional()),
    MS4_CLIENT_SECRET: secret(z.string().optional()),
    /** with the client secret: a bearer token from Entra by client credentials */
    MS4_TENANT_ID: z.guid('must be a GUID').optional(),
    MS4_CLIENT_ID: z.guid('must be a GUID').optional(),
    MS4_SCOPE: z
      .string()
      .regex(/^\S+\/\.default$/, 'must end with /.default')
      .optional(),
    MS4_AUTHORITY_URL: z
      .url({ protocol: /^https$/, error: 'must be https' })
      .default('https://login.microsoftonline.com'),
    /** PEM: a private CA; our certificate and its key where MS4 asks for one (mutual TLS) */
    MS4_TLS_CA: secret(z.string().optional()),
    MS4_TLS_CERT: secret(z.string().optional()),
    MS4_TLS_KEY: secret(z.string().optional()),
    /** requests of all senders together, in any second and in any minute */
    MS4_REQUESTS_PER_SECOND_MAX: integer(1, 10_000).default(20),
    MS4_REQUESTS_PER_MINUTE_MAX: integer(1, 600_000).default(1_200),
    /** ms that MS4 is left alone once it failed 10 times in a row; doubled by each failed probe */
    MS4_BREAKER_OPEN_MS: integer(50, 300_000).default(2_000),
    MS4_BREAKER_OPEN_MS_MAX: integer(50, 3_600_000).default(30_000),
    /** ms for one request, from waiting for a connection to the last byte of the answer */
    MS4_TIMEOUT_MS: integer(100, 300_000).default(30_000),
    /** records in a request; the contract takes 1000 */
    MS4_SENDER_BATCH_SIZE: integer(1, 1_000).default(500),
    /** true: every batch has that size; otherwise it grows and shrinks with how MS4 answers */
    MS4_SENDER_BATCH_SIZE_PINNED: z.stringbool().default(false),
    /** bytes of JSON in a request */
    MS4_SENDER_BATCH_BYTES_MAX: integer(10_000, 50_000_000).default(1_000_000),
    /** ms without a new record after which what there is is sent */
    MS4_SENDER_BATCH_WAIT_MS: integer(1, 60_000).default(250),
    /** ms that the oldest record waits at most for its batch to fill */
    MS4_SENDER_BATCH_WAIT_MS_MAX: integer(1, 600_000).default(5_000),
    /** requests in flight */
    MS4_SENDER_CONCURRENCY: integer(1, 64).default(2),
    /** ms after which the records of a sender that died are sent by another, two thirds more at most */
    MS4_SENDER_LOCK_MS: integer(1_000, 300_000).default(30_000),
  })
  .refine(hasOneCredential, {
    error: 'set exactly one of MS4_TOKEN, MS4_API_KEY and MS4_CLIENT_SECRET (or its _FILE)',
    path: ['MS4_TOKEN'],
    // Also when other variables are wrong: all problems are told at once.
    when: () => true,
  })
  .refine(({ MS4_TLS_CERT, MS4_TLS_KEY }) => !MS4_TLS_CERT === !MS4_TLS_KEY, {
    error: 'goes together with MS4_TLS_KEY',
    path: ['MS4_TLS_CERT'],
    when: () => true,
  })
  .refine((config) => !config.MS4_CLIENT_SECRET || hasEntraApp(config), {
    error: 'goes together with MS4_TENANT_ID, MS4_CLIENT_ID and MS4_SCOPE',
    path: ['MS4_CLIENT_SECRET'],
    when: () => true,
  });
export type Config = z.infer<typeof Config>;

interface Credentials {
  MS4_TOKEN?: string | undefined;
  MS4_API_KEY?: string | undefined;
  MS4_CLIENT_SECRET?: string | undefined;
  MS4_TLS_CERT?: string | undefined;
}

/** One kind of header; none where the connection's certificate says who we are. */
function hasOneCredential({
  MS4_TOKEN,
  MS4_API_KEY,
  MS4_CLIENT_SECRET,
  MS4_TLS_CERT,
}: Credentials): boolean {
  const headers = [MS4_TOKEN, MS4_API_KEY, MS4_CLIENT_SECRET].filter(Boolean).length;
  return headers === 1 || (headers === 0 && Boolean(MS4_TLS_CERT));
}

function hasEntraApp(config: {
  MS4_TENANT_ID?: string | undefined;
  MS4_CLIENT_ID?: string | undefined;
  MS4_SCOPE?: string | undefined;
}): boolean {
  return Boolean(config.MS4_TENANT_ID && config.MS4_CLIENT_ID && config.MS4_SCOPE);
}

/** A line break in a secret (a file with two lines) would break the header it goes into. */
function headerValue() {
  return z.string().regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without spaces');
}
