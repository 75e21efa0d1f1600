import { describe, expect, test } from '@jest/globals';
import type { IngestMessage } from '@ms1/contracts';
import { CursorStore, SubscriptionStore } from '@ms1/mailboxes';
import { aMailbox, until } from '@ms1/testkit';

import { setup } from './poller-bundle.ts';

type Bundle = Awaited<ReturnType<typeof setup>>;
const FROM_THE_BEGINNING = { INGEST_SINCE: '2000-01-01T00:00:00Z' };

const waiting = async ({ inbound }: Bundle): Promise<string[]> => {
  const jobs = await inbound.getWaiting();
  return jobs.map((job) => (job.data as IngestMessage).messageId);
};

const isNoticed = async (bundle: Bundle, messageId: string): Promise<boolean> =>
  (await waiting(bundle)).includes(messageId);

const noticed = (bundle: Bundle, messageId: string) =>
  until(() => isNoticed(bundle, messageId), { what: 'the message is noticed' });

const settingsOf = ({ tenantId }: Bundle, mailboxId: string) => aMailbox({ tenantId, mailboxId });

const isOf =
  (mailboxId: string) =>
  ({ template }: { template?: { data?: unknown } }): boolean =>
    (template?.data as { mailboxId?: string } | undefined)?.mailboxId === mailboxId;

describe('mailboxes of the directory', () => {
  test('are added, paused, resumed and removed while the fleet runs', async () => {
    await using bundle = await setup({ mailboxes: 2 });
    const { directory, mailboxes } = bundle;
    const [first = '', second = ''] = mailboxes;
    const cursors = new CursorStore(bundle.redis);
    const subscriptions = async () => (await new SubscriptionStore(bundle.redis).list()).length;
    await bundle.startIngestApi();
    await bundle.startPoller({
      ...FROM_THE_BEGINNING,
      MAILBOXES: '',
      NOTIFICATION_URL: bundle.webhookUrl,
      POLLER_AUDIT_INTERVAL_MINUTES: '60',
    });

    await directory.put(settingsOf(bundle, first));
    await directory.put(settingsOf(bundle, second));
    await noticed(bundle, await bundle.inject(first));
    await until(async () => (await subscriptions()) === 2, {
      what: 'both are subscribed to',
    });

    await directory.setState(first, 'paused');
    await until(async () => !(await bundle.polling.getJobSchedulers()).some(isOf(first)), {
      what: 'the audits of the paused mailbox are off the schedule: rounds leave it out by then',
    });
    const quiet = await bundle.inject(first);
    // The other mailbox is walked twice meanwhile: the paused one would have been.
    await noticed(bundle, await bundle.inject(second));
    await noticed(bundle, await bundle.inject(second));
    expect(await isNoticed(bundle, quiet)).toBe(false);
    expect(await subscriptions()).toBe(2);
    await directory.setState(first, 'active');
    await noticed(bundle, quiet);

    await directory.setState(first, 'removed');
    await until(async () => (await bundle.status()).graph.subscriptions === 1, {
      what: 'its subscription is deleted at Graph',
    });
    const folder = { mailboxId: first, folderId: 'inbox' };
    await until(async () => (await cursors.read(folder)) === null, {
      what: 'its position is forgotten',
    });
    expect(await cursors.read({ ...folder, mailboxId: second })).not.toBeNull();
    const late = await bundle.inject(first);
    await noticed(bundle, await bundle.inject(second));
    expect(await isNoticed(bundle, late)).toBe(false);
  });

  test('one that was removed by mistake and is added again misses nothing', async () => {
    await using bundle = await setup({ mailboxes: 1 });
    const { directory, mailboxes } = bundle;
    const [mailboxId = ''] = mailboxes;
    const folder = { mailboxId, folderId: 'inbox' };
    const cursors = new CursorStore(bundle.redis);
    await bundle.startPoller();
    await until(() => cursors.read(folder), { what: 'the folder is walked' });
    await directory.setState(mailboxId, 'removed');
    await until(async () => (await cursors.read(folder)) === null, {
      what: 'the position is forgotten',
    });
    const between = await bundle.inject(mailboxId);
    const second = Math.floor(Date.now() / 1_000);
    await until(() => Date.now() / 1_000 >= second + 1, {
      what: 'the next second, because Graph tells the time by seconds',
    });
    await directory.setState(mailboxId, 'active');
    await noticed(bundle, between);
    const after = await bundle.inject(mailboxId);
    await noticed(bundle, after);
    const once = (await waiting(bundle)).filter((id) => id === between || id === after);
    expect(once).toHaveLength(2);
  });
});
