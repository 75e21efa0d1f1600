import { describe, expect, test } from '@jest/globals';
import { until } from '@ms1/testkit';

import { setup } from './poller-bundle.ts';

const MESSAGES = 200;

/** Everything from the notification to MS4, as processes. */
async function setupFleet({ pollEveryMs }: { pollEveryMs: number }) {
  const bundle = await setup({ mailboxes: 2 });
  await bundle.startIngestApi();
  await bundle.startPoller({
    NOTIFICATION_URL: bundle.webhookUrl,
    POLLER_INTERVAL_MS: String(pollEveryMs),
    INGEST_SINCE: '2000-01-01T00:00:00Z',
  });
  await bundle.startProcessor();
  await bundle.startSender();
  await until(async () => (await bundle.status()).graph.subscriptions === 2, {
    what: 'both folders are subscribed',
  });
  const stored = (count: number) =>
    until(async () => (await bundle.status()).stored >= count, {
      what: `${count} are stored`,
    });
  return { ...bundle, stored };
}

interface Status {
  ms4: { stored: number; items: number; duplicates: number };
  graph: { notificationsDropped: number; endpoints: string[] };
}

describe('however notifications come, every message is at MS4 once:', () => {
  test('each ten times, shuffled, late, followed by an updated', async () => {
    // Rarely walked, so that it is the notifications that bring the mail.
    await using fleet = await setupFleet({ pollEveryMs: 3_600_000 });
    const disturb = (name: string, settings: object = {}) =>
      fleet.control('faults', { name, ...settings });
    await disturb('notification-duplicate', { max: 10 });
    await disturb('notification-shuffle', { ms: 3_000 });
    await disturb('notification-late', { ms: 1_000, share: 0.2 });
    await disturb('notification-pair', { share: 0.5 });
    await fleet.control('inject', { messages: MESSAGES, mailboxes: 2, seed: 3, announced: 1 });
    await fleet.stored(MESSAGES);
    // The last copies come 4 s after the last message; what they tell of is known.
    await until(
      async () => {
        const { notified } = await fleet.control<{ notified: number }>('inject');
        const [waiting, active] = [
          await fleet.inbound.getWaitingCount(),
          await fleet.inbound.getActiveCount(),
        ];
        return notified === MESSAGES && waiting === 0 && active === 0;
      },
      { what: 'all is told and taken' },
    );
    // Not even sent twice: that MS4 dedupes is not what keeps them single.
    const { ms4 } = await fleet.control<Status>('status');
    expect(ms4).toMatchObject({ stored: MESSAGES, items: MESSAGES, duplicates: 0 });
  });

  test('none, because Graph drops those of our endpoint: the walks find it all', async () => {
    await using fleet = await setupFleet({ pollEveryMs: 1_000 });
    await fleet.control('faults', { name: 'endpoint-drop', times: 1 });
    await fleet.control('inject', { messages: MESSAGES, mailboxes: 2, seed: 4, announced: 1 });
    await fleet.stored(MESSAGES);
    const { graph } = await fleet.control<Status>('status');
    expect(graph.endpoints).toEqual(['drop']);
    expect(graph.notificationsDropped).toBe(MESSAGES);
    expect((await fleet.status()).stored).toBe(MESSAGES);
  });

  test('none and no walk either, so nothing arrives (the control), until Graph says that some were missed', async () => {
    await using fleet = await setupFleet({ pollEveryMs: 3_600_000 });
    await until(
      async () => {
        const { active, waiting } = await fleet.polling.getJobCounts('active', 'waiting');
        return active === 0 && waiting === 0;
      },
      { what: 'nothing is walked any more' },
    );
    await fleet.control('faults', { name: 'drop-notifications' });
    await fleet.control('inject', { messages: 20, mailboxes: 2, seed: 5, announced: 1 });
    await until(async () => (await fleet.status()).injected === 20, { what: 'all are there' });
    expect((await fleet.status()).stored).toBe(0);
    await fleet.control('lifecycle', { event: 'missed' });
    await fleet.stored(20);
    expect((await fleet.status()).stored).toBe(20);
  });
});
