import { credentialsProblem, graphConfig } from '@ms1/graph-client';
import { integer, sharedConfig } from '@ms1/runtime';
import { z } from 'zod';

/** What the processor reads from its environment. */
export const Config = z
  .object({
    ...sharedConfig(8083),
    ...graphConfig,
    /** messages taken at once: 5 requests of 20 to Graph when none carries its metadata */
    PROCESSOR_BATCH_SIZE: integer(1, 1_000).default(100),
    /** batches in hand; while one waits for Graph another settles */
    PROCESSOR_CONCURRENCY: integer(1, 64).default(4),
  })
  .check(
    z.superRefine(
      (config, context) => {
        const problem = credentialsProblem(config);
        if (problem) context.addIssue({ code: 'custom', message: problem, path: [] });
      },
      // Also when other variables are wrong: all problems are told at once.
      { when: () => true },
    ),
  );
