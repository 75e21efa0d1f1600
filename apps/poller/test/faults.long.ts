import { describe, expect, test } from '@jest/globals';
import { JOBS } from '@ms1/contracts';
import { CursorStore, SubscriptionStore } from '@ms1/mailboxes';
import { until } from '@ms1/testkit';

import { setup } from './poller-bundle.ts';

const SINCE = { INGEST_SINCE: '2000-01-01T00:00:00Z' };

describe('faults of Graph', () => {
  test('a lost position is a walk of the whole folder that doubles nothing', async () => {
    await using bundle = await setup({ mailboxes: 1 });
    const [mailboxId = ''] = bundle.mailboxes;
    const folder = { mailboxId, folderId: 'inbox' };
    const poller = await bundle.startPoller(SINCE);
    await bundle.control('inject', { messages: 60, mailboxes: 1, seed: 7, announced: 0 });
    const count = () => bundle.inbound.getWaitingCount();
    await until(async () => (await count()) >= 60, { what: '60 messages are on inbound' });
    const cursors = new CursorStore(bundle.redis);
    const good = await until(async () => (await cursors.read(folder))?.link, {
      what: 'a position',
    });
    // A position that Graph has never given out: it answers 410, as it does for one it forgot.
    const forgotten = good.replace(/token=.*/, 'token=forgotten');
    // As the last walker would: its fence is the time of its lease, so the next one's is above.
    await cursors.write(folder, { link: forgotten, since: SINCE.INGEST_SINCE }, Date.now());
    await bundle.control('inject', { messages: 70, mailboxes: 1, seed: 8, announced: 0 });
    await until(async () => (await count()) >= 130, {
      what: 'the rest is found after the reset',
    });
    expect(await count()).toBe(130);
    expect(poller.output()).toContain('"outcome":"reset"');
  });

  test('throttled and failing calls cost time and nothing else', async () => {
    await using bundle = await setup({ mailboxes: 2 });
    const [first = '', second = ''] = bundle.mailboxes;
    await bundle.control('faults', {
      name: 'graph-429',
      mailboxId: first,
      times: 2,
      retryAfterS: 1,
    });
    await bundle.control('faults', { name: 'graph-5xx', mailboxId: second, times: 2, status: 500 });
    await bundle.startPoller(SINCE);
    await bundle.control('inject', { messages: 100, mailboxes: 2, seed: 9, announced: 0 });
    await until(async () => (await bundle.inbound.getWaitingCount()) >= 100, {
      what: '100 messages are on inbound',
    });
    expect(await bundle.inbound.getWaitingCount()).toBe(100);
  });

  test('subscriptions that were removed and that expired without a word are made anew, and what came in the gap is found; control: before that, nothing is', async () => {
    await using bundle = await setup({ mailboxes: 2 });
    await bundle.startIngestApi();
    // Only a new subscription has the folder walked: no tick comes within this test.
    const rarely = { POLLER_INTERVAL_MS: '86400000' };
    await bundle.startPoller({ ...SINCE, ...rarely, NOTIFICATION_URL: bundle.webhookUrl });
    const table = new SubscriptionStore(bundle.redis);
    const [removed, expired] = await until(
      async () => {
        const kept = await table.list();
        const { active, waiting } = await bundle.polling.getJobCounts('active', 'waiting');
        return kept.length === 2 && active === 0 && waiting === 0 ? kept : null;
      },
      { what: 'the folders are subscribed and walked' },
    );
    if (!removed || !expired) throw new Error('there are no subscriptions');
    for (const { subscriptionId } of [removed, expired]) {
      await bundle.graph(`subscriptions/${subscriptionId}`, { method: 'DELETE' });
    }
    // Nobody renewed it in time, as after a long stop, and Graph tells nobody.
    await table.put({ ...expired, expiresAt: '2026-01-01T00:00:00.000Z' });
    await bundle.control('inject', { messages: 10, mailboxes: 2, seed: 11, announced: 1 });
    await until(async () => (await bundle.status()).injected === 10, { what: '10 are injected' });
    expect(await bundle.inbound.getWaitingCount()).toBe(0);
    await bundle.polling.add(JOBS.renewSubscriptions, { v: 1 });
    await until(async () => (await bundle.inbound.getWaitingCount()) >= 10, {
      what: 'the gaps are covered',
    });
    const ids = (await table.list()).map(({ subscriptionId }) => subscriptionId);
    expect(ids).not.toContain(removed.subscriptionId);
    expect(ids).not.toContain(expired.subscriptionId);
    expect((await bundle.status()).graph.subscriptions).toBe(2);
  });
});
