import {
  credentialsProblem,
  encryptionConfig,
  type GovernorConfig,
  type GraphConfig,
  governorConfig,
  graphConfig,
  limitsProblem,
  mailboxConfig,
  notificationConfig,
} from '@ms1/graph-client';
import { payloadConfig } from '@ms1/queue';
import { redisConfig } from '@ms1/redis';
import { integer, sharedConfig } from '@ms1/runtime';
import { z } from 'zod';

/** What poller reads from its environment. */
export const Config = z
  .object({
    ...sharedConfig(8082),
    ...redisConfig,
    ...graphConfig,
    ...governorConfig,
    ...mailboxConfig,
    INGEST_SINCE: z.iso
      .datetime({ offset: true, error: 'must be a time like 2026-01-31T00:00:00Z' })
      .transform((time) => new Date(time).toISOString())
      .optional()
      .meta({ type: 'RFC 3339 time' })
      .describe(
        'Older mail is not read. Not set: since the moment a folder was added, 24 hours earlier for the first ones.',
      ),
    POLLER_INTERVAL_MS: integer(1_000, 86_400_000)
      .default(60_000)
      .describe(
        'Time between two walks of a folder: the latency of mail that no notification announced.',
      ),
    // A folder whose walk waits for others has no message on `inbound`, and leaves what Graph grants its mailbox unused;
    // 20 pages of 200 messages are 8 MB.
    POLLER_CONCURRENCY: integer(1, 1_000)
      .default(20)
      .describe('Folders that one process walks at once.'),
    // 200 with metadata are about 400 KB.
    POLLER_PAGE_SIZE: integer(1, 1_000).default(200).describe('Messages in a page.'),
    POLLER_AUDIT_INTERVAL_MINUTES: integer(0, 10_080)
      .default(60)
      .describe('Time between two looks of the rolling audit at a folder. 0: no rolling audit.'),
    // 24 h every hour: each message is looked at 24 times, at 1 request per 200.
    POLLER_AUDIT_WINDOW_HOURS: integer(1, 840)
      .default(24)
      .describe('How far the rolling audit looks back.'),
    POLLER_AUDIT_SETTLE_MINUTES: integer(0, 1_440)
      .default(10)
      .describe(
        'Time that mail has to be noticed and prepared before the rolling audit asks for it.',
      ),
    DEAD_LETTER_RETENTION_DAYS: integer(1, 3_650)
      .default(30)
      .describe(
        'Age at which a dead letter loses its personal data. Its account stays, and it can be replayed.',
      ),
    ...notificationConfig,
    ...encryptionConfig,
    ...payloadConfig,
  })
  .refine((config) => problemOf(config) === undefined, {
    // Also when another variable is wrong: all problems are reported at once.
    when: () => true,
    error: ({ input }) => problemOf(input as Partial<GraphConfig & GovernorConfig>) ?? '',
  });
export type Config = z.infer<typeof Config>;

function problemOf(config: Partial<GraphConfig & GovernorConfig>): string | undefined {
  return credentialsProblem(config) ?? limitsProblem(config);
}
