import { secret } from '@ms1/runtime';
import { z } from 'zod';

import type { ShardedOptions } from '../shards/shards.ts';

export interface LookupOptions extends ShardedOptions {
  /** of the keyed hashes: without it nobody can tell from what is kept who wrote, or about what */
  secret: string;
  /** ms; default 35 days, as the ledger */
  retentionMs?: number;
}

/** The variable of the lookup index: processor, which writes it, and ops-console, which reads it, need the same. */
export const lookupConfig = {
  LOOKUP_KEY: secret(z.string().min(16, 'must have at least 16 characters').optional()).describe(
    'Of the keyed hashes that mail is found by, and repeated mail is known by: the same for processor and ops-console. ' +
      'Not set: mail is not indexed, found by its key or message id only, and linked to nothing (`sameAs`).',
  ),
};
