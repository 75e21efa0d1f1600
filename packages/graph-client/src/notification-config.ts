import { integer, trustConfig, trustedUrl } from '@ms1/runtime';

/** The variables of where Graph sends notifications. */
export const notificationConfig = {
  ...trustConfig,
  NOTIFICATION_URL: trustedUrl()
    .refine((value) => !/[?#]/.test(value), 'must carry no query or fragment')
    .optional()
    .describe(
      "Public https URL under which Graph reaches ingest-api's `/webhooks/graph`. Not set: polling only.",
    ),
  // The expiry that Graph answers with is what counts.
  SUBSCRIPTION_LIFETIME_MINUTES: integer(45, 10_080)
    .default(10_020)
    .describe(
      'Asked for at creation and renewal. Graph allows 7 days; the default is 6 days 23 hours.',
    ),
};
