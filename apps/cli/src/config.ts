import { secret, url } from '@ms1/runtime';
import { z } from 'zod';

export const Config = z.object({
  /** where ops-console listens */
  OPS_CONSOLE_URL: url('http', 'https').default('http://127.0.0.1:3000'),
  OPS_CONSOLE_TOKEN: secret(z.string('set it to the bearer token of the ops-console')),
});
