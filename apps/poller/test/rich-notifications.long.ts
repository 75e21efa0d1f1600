import { describe, expect, test } from '@jest/globals';
import { selfSigned, until } from '@ms1/testkit';

import { setup } from './poller-bundle.ts';

/** The app that uses the simulator's own token. */
const APP = '24d3b144-21ae-4080-943f-7067b395b913';

interface Plan {
  notified: number;
}

describe('rich notifications', () => {
  test('bring the metadata along, so that nobody asks Graph for it; what a forged token vouches for is dropped', async () => {
    await using bundle = await setup({ mailboxes: 2 });
    const { cert, key } = selfSigned('notifications', 'rsa');
    await bundle.startIngestApi({
      NOTIFICATION_PRIVATE_KEYS: `${selfSigned('the next one', 'rsa').key}${key}`,
      NOTIFICATION_TOKEN_AUTHORITY_URL: bundle.base,
      GRAPH_CLIENT_ID: APP,
    });
    await bundle.startPoller({
      NOTIFICATION_URL: bundle.webhookUrl,
      NOTIFICATION_CERTIFICATE: cert,
      // So that whatever is found was announced.
      POLLER_INTERVAL_MS: '3600000',
      INGEST_SINCE: '2000-01-01T00:00:00Z',
    });
    await until(async () => (await bundle.status()).graph.subscriptions === 2, {
      what: 'two subscriptions',
    });
    // The walks that follow the subscriptions.
    await until(
      async () => {
        const { active, waiting } = await bundle.polling.getJobCounts('active', 'waiting');
        return active === 0 && waiting === 0;
      },
      { what: 'nothing is walked any more' },
    );
    await bundle.control('inject', { messages: 30, mailboxes: 2, seed: 1, announced: 1 });
    const jobs = await until(
      async () => {
        const waiting = await bundle.inbound.getWaiting();
        return waiting.length === 30 ? waiting : null;
      },
      { what: '30 messages are on inbound' },
    );
    const carried = jobs.filter(({ data }) => (data as { metadata?: object }).metadata);
    // Those of odd subjects may be above the 4 KB of a job; they are fetched.
    expect(carried.length).toBeGreaterThanOrEqual(28);
    expect(jobs[0]?.data).toMatchObject({
      source: 'webhook',
      metadata: { internetMessageId: expect.any(String), hasAttachments: expect.any(Boolean) },
    });

    await bundle.control('faults', { name: 'notification-token' });
    await bundle.control('inject', { messages: 10, mailboxes: 2, seed: 2, announced: 1 });
    // Answered 202 all the same: Graph does not send them again, and delta finds them.
    await until(async () => (await bundle.control<Plan>('inject')).notified === 10, {
      what: 'all are delivered',
    });
    expect(await bundle.inbound.getWaitingCount()).toBe(30);
  });
});
