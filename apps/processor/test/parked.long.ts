import { describe, expect, test } from '@jest/globals';
import { until } from '@ms1/testkit';

import { allPrepared, type Fleet, NOTHING, noticeMany } from './announced-mail.ts';
import { startFleet } from './start-fleet.ts';

/** A fleet with 30 messages of its first mailbox parked, because it has refused them for two hours: it is well now. */
async function startWithParked(): Promise<{ fleet: Fleet; parked: string[] }> {
  const fleet = await startFleet();
  try {
    const [mailboxId = ''] = fleet.mailboxes;
    await fleet.fault('graph-403', { mailboxId });
    const parked = await noticeMany(fleet, mailboxId, 30, NOTHING);
    await fleet.refusedSince(parked, Date.now() - 7_200_000, 'refused');
    await fleet.startProcessor();
    await until(async () => (await fleet.inbound.getDelayedCount()) === parked.length, {
      what: 'all refused',
    });
    for (const job of await fleet.inbound.getDelayed()) {
      expect(job.delay).toBeGreaterThanOrEqual(600_000);
    }
    await fleet.clearFaults();
    // Control: other mailboxes are well all the time, which wakes nobody.
    await allPrepared(fleet, await noticeMany(fleet, fleet.mailboxes[1] ?? '', 5, NOTHING));
    expect(await fleet.inbound.getDelayedCount()).toBe(parked.length);
    return { fleet, parked };
  } catch (error) {
    await fleet[Symbol.asyncDispose]();
    throw error;
  }
}

describe('mail of a mailbox that was refused for two hours', () => {
  test('is on outbound once one message of the mailbox was read, ten minutes before its time', async () => {
    const { fleet, parked } = await startWithParked();
    await using _ = fleet;
    const [mailboxId = ''] = fleet.mailboxes;
    const news: string[] = [];
    await until(
      async () => {
        news.push(...(await noticeMany(fleet, mailboxId, 1, NOTHING)));
        return (await fleet.inbound.getDelayedCount()) === 0;
      },
      { what: 'the parked are woken' },
    );
    await allPrepared(fleet, [...parked, ...news]);
    expect(await fleet.outbound.getWaitingCount()).toBe(5 + parked.length + news.length);
  });

  test('is on outbound once its folder was walked', async () => {
    const { fleet, parked } = await startWithParked();
    await using _ = fleet;
    await fleet.startPoller();
    await allPrepared(fleet, parked);
    await until(async () => (await fleet.inbound.getDelayedCount()) === 0, { what: 'none waits' });
    expect(await fleet.outbound.getWaitingCount()).toBe(5 + parked.length);
  });
});
