import { expect, test } from '@jest/globals';
import { until } from '@ms1/testkit';

import { setup } from './poller-bundle.ts';

test('finds every message of every mailbox by polling alone, each once, and ends with 0 on SIGTERM', async () => {
  await using bundle = await setup({ mailboxes: 3 });
  const poller = await bundle.startPoller({ INGEST_SINCE: '2000-01-01T00:00:00Z' });
  await bundle.control('inject', { messages: 300, mailboxes: 3, seed: 1, announced: 0 });
  await until(async () => (await bundle.inbound.getWaitingCount()) >= 300, {
    what: '300 messages are on inbound',
  });
  expect(await bundle.inbound.getWaitingCount()).toBe(300);
  const [job] = await bundle.inbound.getWaiting(0, 0);
  expect(job?.data).toMatchObject({ v: 1, source: 'poll', sessionId: null, metadata: {} });
  expect(await poller.stop('SIGTERM')).toBe(0);
});
