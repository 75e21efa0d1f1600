import { integer, sharedConfig } from '@ms1/runtime';
import { z } from 'zod';

/** What ingest-api reads from its environment. */
export const Config = z.object({
  ...sharedConfig(8081),
  /** the public listener: Graph must reach it, directly or through a proxy that ends TLS */
  INGEST_API_HOST: z.string().default('0.0.0.0'),
  INGEST_API_PORT: integer(0, 65_535).default(8080),
  /** above it POSTs are answered 503 unread, and Graph sends them again: what one process is to be asked for */
  INGEST_API_POSTS_PER_SECOND_MAX: integer(1, 100_000).default(2_000),
  /**
   * proxies before this process that each add to X-Forwarded-For; 0: the connection's own address, unless it is
   * private, counts as the sender's
   */
  INGEST_API_TRUSTED_PROXIES: integer(0, 10).default(0),
});
