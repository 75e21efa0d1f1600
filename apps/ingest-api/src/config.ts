import { integer, sharedConfig } from '@ms1/runtime';
import { z } from 'zod';

/** What ingest-api reads from its environment. */
export const Config = z.object({
  ...sharedConfig(8081),
  /** the public listener: Graph must reach it, directly or through a proxy that ends TLS */
  INGEST_API_HOST: z.string().default('0.0.0.0'),
  INGEST_API_PORT: integer(0, 65_535).default(8080),
});
