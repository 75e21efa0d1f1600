import { integer, url } from '@ms1/runtime';

import { isLoopback } from './auth/static-token.ts';

/** The variables that say where Graph announces mail. */
export const notificationConfig = {
  /** public URL of ingest-api's /webhooks/graph; not set: polling only */
  NOTIFICATION_URL: url('https', 'http')
    .refine(
      (value) => new URL(value).protocol === 'https:' || isLoopback(value),
      'must be https:// (http:// is for loopback only)',
    )
    .refine((value) => {
      const { search, hash, username, password } = new URL(value);
      return `${search}${hash}${username}${password}` === '';
    }, 'must carry no query, fragment or credentials')
    .optional(),
  /** asked for; Graph caps it at 7 days, and the expiry it answers with is what counts */
  SUBSCRIPTION_LIFETIME_MINUTES: integer(45, 10_080).default(10_020),
};
