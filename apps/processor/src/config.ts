import { credentialsProblem, governorConfig, graphConfig, limitsProblem } from '@ms1/graph-client';
import { integer, sharedConfig } from '@ms1/runtime';
import { lookupConfig } from '@ms1/store';
import { z } from 'zod';

/** What the processor reads from its environment. */
export const Config = z
  .object({
    ...sharedConfig(8083),
    ...graphConfig,
    ...governorConfig,
    ...lookupConfig,
    /**
     * messages taken at once: enough of each of 20 mailboxes to fill a $batch of its own (12 of 20).
     * Measured with 20 mailboxes at 20 ms a request: 599 messages/s, against 385 with 100 x 4
     */
    PROCESSOR_BATCH_SIZE: integer(1, 1_000).default(250),
    /** batches in hand; while one waits for Graph another settles. 3 x 250 keeps below 2,000 active jobs for two processes */
    PROCESSOR_CONCURRENCY: integer(1, 64).default(3),
    /** lists the attachments of every message, for files that are only embedded in a body: one request more for each */
    PROCESSOR_INLINE_ATTACHMENTS: z.stringbool().default(false),
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
