import { integer, secureUrl } from '@ms1/runtime';

/** The variables that say where Graph announces mail. */
export const notificationConfig = {
  /** public URL of ingest-api's /webhooks/graph; not set: polling only */
  NOTIFICATION_URL: secureUrl()
    .refine((value) => !/[?#]/.test(value), 'must carry no query or fragment')
    .optional(),
  /** asked for; Graph caps it at 7 days, and the expiry it answers with is what counts */
  SUBSCRIPTION_LIFETIME_MINUTES: integer(45, 10_080).default(10_020),
};
