import { describe, expect, test } from '@jest/globals';
import { jobIdOf } from '@ms1/contracts';
import { encodeBatch, encodeItem } from '@ms1/ms4-client';
import { aDelivery, until } from '@ms1/testkit';

import { startFleet } from './start-fleet.ts';

const COUNT = 500;
const BAD = 321;
/** 2 log2 n + 2 for one bad record among n */
const EXTRA_MAX = Math.floor(2 * Math.log2(COUNT) + 2);

async function setup(fault: string, settings: object = {}) {
  const fleet = await startFleet();
  await fleet.fault(fault, settings);
  const keys = [
    ...(await fleet.add(0, BAD)),
    ...(await fleet.add(BAD, BAD + 1, { subject: 'a POISON of a subject' })),
    ...(await fleet.add(BAD + 1, COUNT)),
  ];
  return { fleet, keys, bad: keys[BAD] ?? '' };
}

describe('one poison record among 500', () => {
  test.each([
    ['ms4-poison', {}, 'ms4_422', EXTRA_MAX],
    ['ms4-poison', { status: 400 }, 'ms4_400', EXTRA_MAX],
    ['ms4-poison-pointed', {}, 'poison', 1],
  ])(
    '%s %j: 499 are stored, one is a dead letter (%s), within %i more requests',
    async (fault, settings, reason, extraMax) => {
      const { fleet, keys, bad } = await setup(fault, settings);
      await using _ = fleet;
      await fleet.startSender();
      await fleet.delivered(keys.filter((key) => key !== bad));
      await until(async () => (await fleet.queue.getFailedCount()) === 1, { what: 'dead letter' });
      const { stored, requests } = await fleet.ms4();
      expect(stored).toBe(COUNT - 1);
      expect(requests).toBeLessThanOrEqual(1 + extraMax);
      expect((await fleet.ledger.known([bad]))[0]).toMatchObject({ state: 'dead', reason });
      const [failed] = await fleet.queue.getFailed();
      expect(failed).toMatchObject({ id: jobIdOf(bad), failedReason: reason, attemptsMade: 1 });
    },
  );

  test('control: a sender that takes the refusal for everybody stores none of the 499', async () => {
    const { fleet } = await setup('ms4-poison');
    await using _ = fleet;
    const items = Array.from({ length: COUNT }, (_item, n) =>
      encodeItem(aDelivery(n, n === BAD ? { subject: 'POISON' } : {}).record),
    );
    expect((await fleet.post(encodeBatch(items))).status).toBe(422);
    expect((await fleet.ms4()).stored).toBe(0);
  });
});

describe('sizes', () => {
  test('413 halves the batch, the size is remembered, and what is too large alone is a dead letter', async () => {
    await using fleet = await startFleet();
    await fleet.fault('ms4-too-large', { max: 40_000 });
    const keys = await fleet.add(0, 400);
    const [large = ''] = await fleet.add(400, 401, {
      bodyPreview: null,
      subject: 'x'.repeat(50_000),
    });
    await fleet.startSender({ MS4_SENDER_CONCURRENCY: '1' });
    await fleet.delivered(keys);
    await until(async () => (await fleet.queue.getFailedCount()) === 1, { what: 'dead letter' });
    expect((await fleet.ledger.known([large]))[0]).toMatchObject({
      state: 'dead',
      reason: 'too_large',
    });
    const before = (await fleet.ms4()).requests;
    const more = await fleet.add(500, 540);
    await fleet.delivered(more);
    // No 413 is paid again for what was learnt.
    expect((await fleet.ms4()).requests - before).toBeLessThanOrEqual(3);
  });
});
