import { secret } from '@ms1/runtime';
import { z } from 'zod';

import { readCertificate } from './read-certificate.ts';

/** The variable of an app that subscribes to rich notifications. Spread it into its schema. */
export const encryptionConfig = {
  // No secret, but as long as one.
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
  ).describe(
    'Certificate in PEM (RSA, 2048 to 4096 bits, self-signed will do), best as a file. With it, and its private key, ' +
      'notifications carry the message itself, encrypted: an announced message then costs no request to Graph, and ' +
      'each subscription is renewed seven times as often ([graph.md](graph.md)).',
  ),
};
