import { integer, secret, trustedUrl } from '@ms1/runtime';
import { z } from 'zod';

/** As Standard Webhooks writes them: 24 to 64 random bytes in base64. */
const SECRET = /^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/;

/** Where people without a Prometheus are told of what operators should look at (docs/console.md#told). */
export const alertConfig = {
  ALERT_WEBHOOK_URL: secret(trustedUrl().optional()).describe(
    'Is told when something should be looked at, and when that is over. Whoever knows a URL of Slack or Teams may write there.',
  ),
  ALERT_WEBHOOK_FORMAT: z
    .enum(['json', 'slack', 'teams'])
    .default('json')
    .describe('`teams`: an adaptive card, as workflows of Teams take it.'),
  ALERT_SUMMARY_UTC_HOUR: integer(0, 23)
    .optional()
    .describe(
      'Hour (UTC) from which the day before is told there, by mailbox. Not set: it is not.',
    ),
  ALERT_WEBHOOK_SECRET: secret(
    z.string().regex(SECRET, 'must be whsec_ and 24 to 64 random bytes in base64').optional(),
  ).describe('Signs what is told, by Standard Webhooks.'),
};
