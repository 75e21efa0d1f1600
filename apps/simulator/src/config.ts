import { integer, processConfig, secret } from '@ms1/runtime';
import { z } from 'zod';

/** What the simulator reads from its environment. It needs no Redis. */
export const Config = z.object({
  ...processConfig,
  SIMULATOR_HOST: z.string().default('127.0.0.1').describe('Where it listens.'),
  SIMULATOR_PORT: integer(0, 65_535)
    .default(4_300)
    .describe('Port of its Graph, its MS4 and its control API.'),
  SIMULATOR_DATA_DIR: z
    .string()
    .optional()
    .describe('Where its ledgers are. Not set: in memory only.'),
  SIMULATOR_MAILBOXES: integer(1, 10_000).default(20).describe('Mailboxes of its tenant.'),
  SIMULATOR_SEED: integer(0, 0xffff_ffff)
    .default(1)
    .describe('Names the tenant and its mailboxes, and makes up the mail.'),
  SIMULATOR_GRAPH_LATENCY_MS: integer(0, 60_000)
    .default(20)
    .describe('Time its Graph takes to answer, however little is asked for.'),
  SIMULATOR_GRAPH_MESSAGE_MS: integer(0, 1_000)
    .default(2)
    .describe('Time its Graph takes longer for each message of an answer.'),
  SIMULATOR_GRAPH_ATTACHMENT_MS: integer(0, 1_000)
    .default(0)
    .describe('Time its Graph takes longer for each attachment of an answer.'),
  SIMULATOR_MS4_LATENCY_MS: integer(0, 60_000)
    .default(20)
    .describe('Time its MS4 takes to answer.'),
  SIMULATOR_MS4_BODY_BYTES_MAX: integer(1_000, 100_000_000)
    .default(4_000_000)
    .describe('Size of a decoded batch above which its MS4 answers 413.'),
  SIMULATOR_GRAPH_WINDOW_REQUESTS: integer(1, 1_000_000)
    .default(10_000)
    .describe('Requests that its Graph takes in a window, per app and mailbox.'),
  SIMULATOR_GRAPH_WINDOW_MS: integer(1, 3_600_000).default(600_000).describe('That window.'),
  SIMULATOR_RECORD_REQUESTS: z
    .stringbool()
    .default(false)
    .describe(
      'Keeps every request to its MS4 whole in its data dir, mail included, for validators.',
    ),
  SIMULATOR_TOKEN: secret(z.string().min(8, 'must have at least 8 characters')).describe(
    'Bearer token of its Graph, its MS4 and its control API, and the client secret of its token endpoint.',
  ),
});
