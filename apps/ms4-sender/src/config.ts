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
    /** one of the two */
    MS4_TOKEN: secret(headerValue().optional()),
    MS4_API_KEY: secret(headerValue().optional()),
    /** ms for one request, from waiting for a connection to the last byte of the answer */
    MS4_TIMEOUT_MS: integer(100, 300_000).default(30_000),
    /** records in a request; the contract takes 1000 */
    MS4_SENDER_BATCH_SIZE: integer(1, 1_000).default(500),
    /** bytes of JSON in a request */
    MS4_SENDER_BATCH_BYTES_MAX: integer(10_000, 50_000_000).default(1_000_000),
    /** ms without a new record after which what there is is sent */
    MS4_SENDER_BATCH_WAIT_MS: integer(1, 60_000).default(250),
    /** ms that the oldest record waits at most for its batch to fill */
    MS4_SENDER_BATCH_WAIT_MS_MAX: integer(1, 600_000).default(5_000),
    /** requests in flight */
    MS4_SENDER_CONCURRENCY: integer(1, 64).default(2),
  })
  .refine((config) => !config.MS4_TOKEN !== !config.MS4_API_KEY, {
    error: 'set exactly one of MS4_TOKEN and MS4_API_KEY (or its _FILE)',
    path: ['MS4_TOKEN'],
    // Also when other variables are wrong: all problems are told at once.
    when: () => true,
  });

/** A line break in a secret (a file with two lines) would break the header it goes into. */
function headerValue() {
  return z.string().regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without spaces');
}
