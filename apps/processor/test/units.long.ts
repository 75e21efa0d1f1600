import { describe, expect, test } from '@jest/globals';
import { DeliverRecord } from '@ms1/contracts';
import { aMetadata } from '@ms1/testkit';

import { allPrepared, NOTHING, noticeMany, PDF } from './announced-mail.ts';
import { startFleet } from './start-fleet.ts';

describe('what a message costs of the quota', () => {
  test.each([
    ['files included', '1'],
    ['files and headers included', '2'],
  ])('few one unit each, a burst and what delta found a page, %s', async (_, version) => {
    await using fleet = await startFleet();
    const [few = '', burst = '', known = '', none = ''] = fleet.mailboxes;
    const keys = [
      ...(await noticeMany(fleet, few, 5, PDF)),
      ...(await noticeMany(fleet, few, 5, NOTHING)),
      ...(await noticeMany(fleet, burst, 60, NOTHING)),
      ...(await noticeMany(fleet, burst, 40, PDF)),
    ];
    for (let n = 0; n < 10; n += 1) {
      const receivedAt = new Date(Date.now() - n * 60_000).toISOString();
      const messageId = await fleet.inject(known, PDF, receivedAt);
      const metadata = aMetadata({ hasAttachments: true, receivedAt });
      const more = { source: 'poll', folderId: 'inbox', metadata } as const;
      keys.push(...(await fleet.notice([{ mailboxId: known, messageId }], more)));
    }
    const processor = await fleet.startProcessor({ MS4_CONTRACT_VERSION: version });
    await allPrepared(fleet, keys);
    const usage = await fleet.usage();
    expect(usage.get(few)?.units).toEqual({ message: 10 });
    const { page = 0, ...others } = usage.get(burst)?.units ?? {};
    expect(others).toEqual({});
    expect(page).toBeLessThanOrEqual(4);
    expect(usage.get(known)?.units).toEqual({ page: 1 });
    expect(usage.get(none)).toBeUndefined();
    // Whoever sent it is known where headers came along, and only there.
    const jobs = await fleet.outbound.getJobs(['wait']);
    const records = jobs.map(({ data }) => DeliverRecord.parse(data).record);
    expect(new Set(records.map(({ authentication }) => authentication?.verdict))).toEqual(
      new Set([version === '2' ? 'pass' : undefined]),
    );
    // The process tells the same as the other side counts, and names nobody.
    const metrics = await (await fetch(`${processor.health}/metrics`)).text();
    for (const [kind, units] of [
      ['message', 10],
      ['page', page + 1],
    ]) {
      expect(metrics).toContain(`ms1_graph_quota_units_total{kind="${kind}"} ${units}`);
    }
    expect(metrics).toContain('ms1_processor_messages_total{outcome="prepared"} 120');
    expect(metrics).toMatch(/ms1_graph_window_used_ratio 0\.001\b/);
    for (const mailbox of fleet.mailboxes) expect(metrics).not.toContain(mailbox);
  });
});

test('a burst that comes by eights behind what delta found costs pages, and no message of its own', async () => {
  await using fleet = await startFleet();
  const [mailboxId = ''] = fleet.mailboxes;
  await fleet.startProcessor();
  await allPrepared(fleet, await noticeMany(fleet, mailboxId, 40, NOTHING));
  const found = [];
  for (let n = 0; n < 200; n += 1) {
    found.push({ mailboxId, messageId: await fleet.inject(mailboxId, NOTHING) });
  }
  const metadata = aMetadata({ receivedAt: new Date().toISOString() });
  await allPrepared(fleet, await fleet.notice(found, { source: 'poll', metadata }));
  const before = (await fleet.usage()).get(mailboxId)?.units ?? {};
  for (let count = 0; count < 96; count += 8) {
    await allPrepared(fleet, await noticeMany(fleet, mailboxId, 8, NOTHING));
  }
  const { message = 0, page = 0 } = (await fleet.usage()).get(mailboxId)?.units ?? {};
  expect(message - (before.message ?? 0)).toBe(0);
  expect(page - (before.page ?? 0)).toBeLessThanOrEqual(20);
});

describe('faults', () => {
  test('429 inside a $batch: only those items are asked for again, and none is lost', async () => {
    await using fleet = await startFleet();
    const [mailboxId = ''] = fleet.mailboxes;
    await fleet.fault('graph-429', { mailboxId, times: 2, share: 0.5, retryAfterS: 1 });
    const keys = await noticeMany(fleet, mailboxId, 5, NOTHING);
    await fleet.startProcessor();
    await allPrepared(fleet, keys);
    expect((await fleet.usage()).get(mailboxId)?.units).toEqual({ message: 7 });
  });
});
