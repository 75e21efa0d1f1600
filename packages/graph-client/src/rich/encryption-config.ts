import { secret } from '@ms1/runtime';
import { z } from 'zod';

import { readCertificate } from './read-certificate.ts';

/** The variable of an app that subscribes to rich notifications. Spread it into its schema. */
export const encryptionConfig = {
  /** in PEM, no secret but as long as one; with it notifications carry the message, encrypted for it */
  NOTIFICATION_CERTIFICATE: secret(
    z
      .string()
      .transform((pem, context) => {
        try {
          return readCertificate(pem);
        } catch (error) {
          context.addIssue((error as Error).message);
          return z.NEVER;
        }
      })
      .optional(),
  ),
};
