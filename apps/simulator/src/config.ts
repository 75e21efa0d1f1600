import { integer, secret } from '@ms1/runtime';
import { z } from 'zod';

/** What the simulator reads from its environment. It needs no Redis. */
export const Config = z.object({
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  /** ms from SIGTERM until the process exits whatever hangs */
  SHUTDOWN_TIMEOUT_MS: integer(100, 600_000).default(25_000),
  SIMULATOR_HOST: z.string().default('127.0.0.1'),
  SIMULATOR_PORT: integer(0, 65_535).default(4_300),
  /** where the ledgers are; not set: in memory only */
  SIMULATOR_DATA_DIR: z.string().optional(),
  SIMULATOR_MAILBOXES: integer(1, 10_000).default(20),
  /** names the tenant and its mailboxes, and makes up the mail */
  SIMULATOR_SEED: integer(0, 0xffff_ffff).default(1),
  SIMULATOR_GRAPH_LATENCY_MS: integer(0, 60_000).default(20),
  SIMULATOR_MS4_LATENCY_MS: integer(0, 60_000).default(20),
  /** bytes of a batch once decoded; above it MS4 answers 413 */
  SIMULATOR_MS4_BODY_BYTES_MAX: integer(1_000, 100_000_000).default(4_000_000),
  /** requests that its Graph takes in a window, per app and mailbox; Graph's own are 10,000 in 10 minutes */
  SIMULATOR_GRAPH_WINDOW_REQUESTS: integer(1, 1_000_000).default(10_000),
  SIMULATOR_GRAPH_WINDOW_MS: integer(1, 3_600_000).default(600_000),
  /** keeps every request to MS4 whole in the data dir, mail included */
  SIMULATOR_RECORD_REQUESTS: z.stringbool().default(false),
  /** the bearer token of Graph, MS4 and the control API, and the client secret of the token endpoint */
  SIMULATOR_TOKEN: secret(z.string().min(8, 'must have at least 8 characters')),
});
