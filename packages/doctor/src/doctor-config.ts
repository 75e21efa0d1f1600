import { z } from 'zod';

/** The variables of the checks alone: facts about the installation that nothing else knows. */
export const doctorConfig = {
  DOCTOR_CANARY_MAILBOX: z
    .guid('must be a GUID')
    .transform((id) => id.toLowerCase())
    .optional()
    .describe(
      '`ms1 doctor`: object id of any mailbox that must not be readable; proves that the grant is limited.',
    ),
};
