import { SubscriptionStore } from '@ms1/mailboxes';

import type { Check } from '../check.ts';
import { notificationUrl } from '../notification-url.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const DETAILS_MAX = 20;
/** poller renews at half of the lifetime at the latest; with a quarter left it has failed to, again and again */
const SHARE_LEFT = 0.25;

export const webhookSubscriptions: Check = {
  name: 'webhook.subscriptions',
  about: 'every folder has a subscription that is renewed in time',
  async run(installation) {
    const wanted = notificationUrl(installation).href;
    const { SUBSCRIPTION_LIFETIME_MINUTES: lifetime } = installation.settings.get('notifications');
    const { KEY_PREFIX: prefix } = installation.settings.get('shared');
    const records = await new SubscriptionStore(await installation.redis(), { prefix }).list();
    const now = installation.clock.now();
    const lowMs = lifetime * MINUTE_MS * SHARE_LEFT;
    const missing: string[] = [];
    const late: string[] = [];
    let shortest = Number.POSITIVE_INFINITY;
    let count = 0;
    for (const { mailboxId, folders } of await installation.mailboxes()) {
      for (const folderId of folders) {
        count += 1;
        const left = Math.max(
          ...records
            .filter((record) => record.mailboxId === mailboxId && record.folderId === folderId)
            .filter((record) => new URL(record.notificationUrl).href === wanted)
            .map((record) => Date.parse(record.expiresAt) - now),
        );
        const line = `mailbox ${mailboxId}, folder ${folderId}`;
        const none = left === Number.NEGATIVE_INFINITY;
        if (left <= 0) missing.push(`${line}: ${none ? 'none' : 'expired'}`);
        else if (left < lowMs) late.push(`${line}: expires in ${hours(left)} h`);
        shortest = Math.min(shortest, left);
      }
    }
    if (missing.length + late.length === 0) {
      return { status: 'ok', seen: `${count} folders, the first expires in ${hours(shortest)} h` };
    }
    return {
      status: missing.length > 0 ? 'fail' : 'warn',
      seen: `${missing.length} of ${count} folders have no subscription, ${late.length} one that should have been renewed`,
      remedy:
        'see that poller runs and what its log says of subscriptions; ms1 subscriptions renew has it look at once. Mail is found by polling meanwhile',
      details: [...missing, ...late].slice(0, DETAILS_MAX),
    };
  },
};

function hours(ms: number): number {
  return Math.floor(ms / HOUR_MS);
}
