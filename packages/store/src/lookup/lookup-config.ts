import { secret } from '@ms1/runtime';
import { z } from 'zod';

/** The variable of the lookup index: the same for whoever writes it and whoever asks it. */
export const lookupConfig = {
  /** of the keyed hashes that mail is found by; not set: mail is not indexed */
  LOOKUP_KEY: secret(z.string().min(16, 'must have at least 16 characters').optional()),
};
