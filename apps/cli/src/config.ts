import { secret, url } from '@ms1/runtime';
import { z } from 'zod';

/** RFC 3339 date, or time; as ms since the epoch */
const Moment = z
  .union([z.iso.date(), z.iso.datetime({ offset: true })], 'must be a date like 2027-01-31')
  .transform((text) => Date.parse(text));

/** What only `ms1 doctor` reads: facts about the installation that nothing else can tell. */
export const doctorConfig = {
  /** object id of a mailbox that must not be readable */
  DOCTOR_CANARY_MAILBOX: z
    .guid('must be a GUID')
    .transform((id) => id.toLowerCase())
    .optional(),
  /** the date that Entra ID shows beside the secret */
  GRAPH_CLIENT_SECRET_EXPIRES: Moment.optional(),
  MS4_CLIENT_SECRET_EXPIRES: Moment.optional(),
};

/** What the commands read that ask ops-console. */
export const Config = z.object({
  /** where ops-console listens */
  OPS_CONSOLE_URL: url('http', 'https').default('http://127.0.0.1:3000'),
  OPS_CONSOLE_TOKEN: secret(
    z.string(
      'set it to the bearer token of the ops-console (that of a running npm start is found)',
    ),
  ),
});
