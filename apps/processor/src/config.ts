import { credentialsProblem, governorConfig, graphConfig, limitsProblem } from '@ms1/graph-client';
import { lookupConfig } from '@ms1/ledger';
import { payloadConfig } from '@ms1/queue';
import { redisConfig } from '@ms1/redis';
import { integer, sharedConfig } from '@ms1/runtime';
import { z } from 'zod';

import { AuthservIds } from './authserv-ids.ts';

/** What the processor reads from its environment. */
export const Config = z
  .object({
    ...sharedConfig(8083),
    ...redisConfig,
    ...graphConfig,
    ...governorConfig,
    ...lookupConfig,
    ...payloadConfig,
    PROCESSOR_AUTHSERV_IDS: AuthservIds.describe(
      'Servers whose `Authentication-Results` count, comma-separated, by the name that it begins with (authserv-id); `none` ' +
        'is a header without one, as Exchange Online writes it ([mail.md](mail.md#who-sent-it)).',
    ),
    // Whether anybody wants to know more of a mail than its rules need. Read by the sender, and said in the same words.
    MS4_CONTRACT_VERSION: z
      .enum(['1', '2'])
      .default('1')
      .describe(
        'Version of the records that MS4 is sent: 2 once it takes `kind`, `authentication`, `flags`, `container` and `sameAs`.',
      ),
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
