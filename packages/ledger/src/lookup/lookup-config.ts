import { secret } from '@ms1/runtime';
import { z } from 'zod';

/** The variable of the lookup index: processor, which writes it, and ops-console, which reads it, need the same. */
export const lookupConfig = {
  LOOKUP_KEY: secret(z.string().min(16, 'must have at least 16 characters').optional()).describe(
    'Of the keyed hashes that mail is found by: the same for processor and ops-console. Not set: mail is not indexed, ' +
      'and found by its key or message id only.',
  ),
};
