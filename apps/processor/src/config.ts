import { credentialsProblem, governorConfig, graphConfig, limitsProblem } from '@ms1/graph-client';
import { lookupConfig } from '@ms1/ledger';
import { payloadConfig } from '@ms1/queue';
import { redisConfig } from '@ms1/redis';
import { integer, sharedConfig } from '@ms1/runtime';
import { z } from 'zod';

/** What the processor reads from its environment. */
export const Config = z
  .object({
    ...sharedConfig(8083),
    ...redisConfig,
    ...graphConfig,
    ...governorConfig,
    ...lookupConfig,
    ...payloadConfig,
    // They are settled and handed over in one script run.
    PROCESSOR_BATCH_SIZE: integer(1, 1_000).default(250).describe('Messages taken at once.'),
    // The queue holds a delta page's 200 messages of one mailbox together, and only those in hand are asked about: with
    // 750 of them half of 20 mailboxes had nothing in flight, with 2,000 the most of them have. Measured at 200 ms a
    // request: 343 messages/s against 185 with 3, at 20 ms 2,645 against 1,684.
    PROCESSOR_CONCURRENCY: integer(1, 64)
      .default(8)
      .describe('Batches in hand: enough to hold messages of every mailbox where Graph is slow.'),
  })
  .check(
    z.superRefine(
      (config, context) => {
        const problem = credentialsProblem(config) ?? limitsProblem(config);
        if (problem) context.addIssue({ code: 'custom', message: problem, path: [] });
      },
      // Also when other variables are wrong: all problems are told at once.
      { when: () => true },
    ),
  );
