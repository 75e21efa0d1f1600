import { ms4Config, ms4Problems } from '@ms1/ms4-client';
import { payloadConfig } from '@ms1/queue';
import { redisConfig } from '@ms1/redis';
import { integer, sharedConfig } from '@ms1/runtime';
import { z } from 'zod';

/** What the ms4-sender reads from its environment. */
export const Config = z
  .object({
    ...sharedConfig(8084),
    ...redisConfig,
    ...ms4Config,
    ...payloadConfig,
    MS4_CONTRACT_VERSION: z
      .enum(['1', '2'])
      .default('1')
      .describe(
        'Version of the records that MS4 is sent: 2 once it takes `kind`, `authentication`, `flags`, `container` and `sameAs`.',
      ),
    MS4_REQUESTS_PER_SECOND_MAX: integer(1, 10_000)
      .default(20)
      .describe('Requests of all senders together in any second.'),
    MS4_REQUESTS_PER_MINUTE_MAX: integer(1, 600_000)
      .default(1_200)
      .describe('Requests of all senders together in any minute.'),
    MS4_BREAKER_OPEN_MS: integer(50, 300_000)
      .default(2_000)
      .describe(
        'How long nobody calls MS4 after 10 failures in a row; each failed probe doubles it.',
      ),
    MS4_BREAKER_OPEN_MS_MAX: integer(50, 3_600_000)
      .default(30_000)
      .describe('The longest that it grows to.'),
    // The contract takes 1000.
    MS4_SENDER_BATCH_SIZE: integer(1, 1_000)
      .default(500)
      .describe(
        'Records in a request, to begin with; then it follows how MS4 answers, up to 1000.',
      ),
    MS4_SENDER_BATCH_SIZE_PINNED: z
      .stringbool()
      .default(false)
      .describe('Keeps every batch at that size.'),
    MS4_SENDER_BATCH_BYTES_MAX: integer(10_000, 50_000_000)
      .default(1_000_000)
      .describe('Size of the JSON in a request.'),
    MS4_SENDER_BATCH_WAIT_MS: integer(1, 60_000)
      .default(250)
      .describe('Time without a new record after which a partial batch goes out.'),
    MS4_SENDER_BATCH_WAIT_MS_MAX: integer(1, 600_000)
      .default(5_000)
      .describe('The longest that a record waits for its batch to fill.'),
    MS4_SENDER_CONCURRENCY: integer(1, 64).default(2).describe('Requests in flight.'),
    MS4_SENDER_LOCK_MS: integer(1_000, 300_000)
      .default(30_000)
      .describe(
        'Time after which another sender takes the records of one that died; two thirds more at most.',
      ),
  })
  .check(
    z.superRefine(
      (config, context) => {
        for (const { variable, message } of ms4Problems(config)) {
          context.addIssue({ code: 'custom', message, path: [variable] });
        }
      },
      // Also when other variables are wrong: all problems are told at once.
      { when: () => true },
    ),
  );
export type Config = z.infer<typeof Config>;
