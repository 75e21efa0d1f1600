import { describe, expect, test } from '@jest/globals';
import { SessionStore } from '@ms1/ledger';
import { CursorStore, SubscriptionStore } from '@ms1/mailboxes';
import { until } from '@ms1/testkit';

import { setup } from './poller-bundle.ts';

const SINCE = { INGEST_SINCE: '2000-01-01T00:00:00Z' };

describe('finding mail', () => {
  test('two pollers walk the same folders, and every message is on inbound once', async () => {
    await using bundle = await setup({ mailboxes: 2 });
    await Promise.all([bundle.startPoller(SINCE), bundle.startPoller(SINCE)]);
    await bundle.control('inject', { messages: 400, mailboxes: 2, seed: 2, announced: 0 });
    await until(async () => (await bundle.inbound.getWaitingCount()) >= 400, {
      what: '400 messages are on inbound',
    });
    const { graph } = await bundle.status();
    expect(await bundle.inbound.getWaitingCount()).toBe(400);
    expect(graph).toMatchObject({ throttled: 0 });
    expect(graph.inFlightMax).toBeLessThanOrEqual(4);
  });

  test('subscribes each folder once and takes announced mail from the webhook, the rest from delta', async () => {
    await using bundle = await setup({ mailboxes: 2 });
    await bundle.startIngestApi();
    const notified = { ...SINCE, NOTIFICATION_URL: bundle.webhookUrl };
    await Promise.all([bundle.startPoller(notified), bundle.startPoller(notified)]);
    const table = new SubscriptionStore(bundle.redis);
    await until(async () => (await table.list()).length === 2, { what: 'two subscriptions' });
    expect((await bundle.status()).graph.subscriptions).toBe(2);
    await bundle.control('inject', { messages: 200, mailboxes: 2, seed: 3, announced: 0.5 });
    await until(async () => (await bundle.inbound.getWaitingCount()) >= 200, {
      what: '200 messages are on inbound',
    });
    const jobs = await bundle.inbound.getWaiting();
    const sources = new Set(jobs.map(({ data }) => (data as { source: string }).source));
    expect(jobs).toHaveLength(200);
    expect(sources).toEqual(new Set(['webhook', 'poll']));
  });

  test('mail from before the folder was first seen is left alone; a scan puts it on inbound, under the session, and finishes nothing too early', async () => {
    await using bundle = await setup({ mailboxes: 1 });
    const [mailboxId = ''] = bundle.mailboxes;
    const folder = { mailboxId, folderId: 'inbox' };
    await bundle.control('inject', { messages: 50, mailboxes: 1, seed: 5, announced: 0 });
    await until(async () => (await bundle.status()).injected === 50, { what: '50 are injected' });
    // Delta leaves them alone: they are older than its bound. The scan's window is the session's.
    await bundle.startPoller({ INGEST_SINCE: new Date(Date.now() + 60_000).toISOString() });
    await until(async () => (await new CursorStore(bundle.redis).read(folder))?.link, {
      what: 'the folder was walked',
    });
    expect(await bundle.inbound.getWaitingCount()).toBe(0);
    const sessions = new SessionStore(bundle.redis);
    const { session } = await sessions.create({ name: 'test', mailboxes: [mailboxId] });
    await sessions.close(session.id, [folder]);
    const { tenantId } = bundle;
    const scan = { v: 1, tenantId, ...folder, sessionId: session.id };
    await bundle.polling.add('scan-session', scan);
    await until(async () => (await sessions.get(session.id))?.scans.done === 1, {
      what: 'the folder is scanned',
    });
    expect(await sessions.get(session.id)).toMatchObject({
      status: 'closing',
      found: 50,
      requeued: 50,
    });
    const [job] = await bundle.inbound.getWaiting(0, 0);
    expect(job?.data).toMatchObject({ source: 'backfill', sessionId: session.id });
  });
});
