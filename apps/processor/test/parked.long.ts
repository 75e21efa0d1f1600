import { expect, test } from '@jest/globals';
import { until } from '@ms1/testkit';

import { allPrepared, NOTHING, noticeMany } from './announced-mail.ts';
import { startFleet } from './start-fleet.ts';

const EACH = 30;

test('mail of mailboxes that were refused for two hours is on outbound, ten minutes before its time, once one message of the mailbox was read, or a folder walked', async () => {
  await using fleet = await startFleet();
  const [read = '', walked = '', well = ''] = fleet.mailboxes;
  const delayed = () => fleet.inbound.getDelayedCount();
  const parked = new Map<string, string[]>();
  await fleet.fault('graph-403');
  for (const mailboxId of [read, walked]) {
    const keys = await noticeMany(fleet, mailboxId, EACH, NOTHING);
    await fleet.refusedSince(keys, Date.now() - 7_200_000, 'refused');
    parked.set(mailboxId, keys);
  }
  await fleet.startProcessor();
  await until(async () => (await delayed()) === 2 * EACH, { what: 'all refused' });
  for (const job of await fleet.inbound.getDelayed()) {
    expect(job.delay).toBeGreaterThanOrEqual(600_000);
  }
  await fleet.clearFaults();
  // Control: another mailbox is well all the time, which wakes nobody.
  await allPrepared(fleet, await noticeMany(fleet, well, 5, NOTHING));
  expect(await delayed()).toBe(2 * EACH);

  const news: string[] = [];
  await until(
    async () => {
      news.push(...(await noticeMany(fleet, read, 1, NOTHING)));
      return (await delayed()) === EACH;
    },
    { what: 'those of the mailbox that is read are woken' },
  );
  await allPrepared(fleet, [...(parked.get(read) ?? []), ...news]);
  expect(await delayed()).toBe(EACH);

  await fleet.startPoller();
  await allPrepared(fleet, parked.get(walked) ?? []);
  await until(async () => (await delayed()) === 0, { what: 'none waits' });
  expect(await fleet.outbound.getWaitingCount()).toBe(5 + 2 * EACH + news.length);
});
