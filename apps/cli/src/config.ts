import { secret, url } from '@ms1/runtime';
import { z } from 'zod';

/** RFC 3339 date, or time; as ms since the epoch */
const Moment = z
  .union([z.iso.date(), z.iso.datetime({ offset: true })], 'must be a date like 2027-01-31')
  .transform((text) => Date.parse(text))
  .meta({ type: 'date' });

/** The variables of `ms1 doctor` alone: facts about the installation that nothing else knows. */
export const doctorConfig = {
  DOCTOR_CANARY_MAILBOX: z
    .guid('must be a GUID')
    .transform((id) => id.toLowerCase())
    .optional()
    .describe(
      '`ms1 doctor`: object id of any mailbox that must not be readable; proves that the grant is limited.',
    ),
  GRAPH_CLIENT_SECRET_EXPIRES: Moment.optional().describe(
    '`ms1 doctor`: the date that Entra ID shows beside the client secret; it warns 30 days before.',
  ),
  MS4_CLIENT_SECRET_EXPIRES: Moment.optional().describe(
    '`ms1 doctor`: the same of the client secret for MS4.',
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
