import { secret, url } from '@ms1/runtime';
import { z } from 'zod';

/** The variables of the commands that ask ops-console. */
export const Config = z.object({
  OPS_CONSOLE_URL: url('http', 'https')
    .default('http://127.0.0.1:3000')
    .describe('Where `ms1` finds ops-console.'),
  OPS_CONSOLE_TOKEN: secret(
    z.string(
      'set it to the bearer token of the ops-console (that of a running npm start is found)',
    ),
  ),
});
