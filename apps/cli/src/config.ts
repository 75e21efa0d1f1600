import { secret, url } from '@ms1/runtime';
import { z } from 'zod';

/** The variables of `ms1 doctor` alone: facts about the installation that nothing else knows. */
export const doctorConfig = {
  DOCTOR_CANARY_MAILBOX: z
    .guid('must be a GUID')
    .transform((id) => id.toLowerCase())
    .optional()
    .describe(
      '`ms1 doctor`: object id of any mailbox that must not be readable; proves that the grant is limited.',
    ),
};

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
