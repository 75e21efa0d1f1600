import { describe, expect, test } from '@jest/globals';
import { openRedis, until } from '@ms1/testkit';

import { GraphPermits, RefusalStore } from '../src/index.ts';

async function setup() {
  const opened = await openRedis();
  const { redis } = opened;
  const permits = new GraphPermits(redis);
  const refusals = new RefusalStore(redis);
  return {
    ...opened,
    refusals,
    /** what every call for a mailbox learns */
    async isParked(mailboxId: string): Promise<boolean> {
      const permit = await permits.acquire({ mailboxId, permits: 1, requests: 1, live: true });
      if (!permit.granted) throw new Error(permit.reason);
      await permit.release();
      return permit.parked;
    },
    taken: (mailboxId: string) =>
      until(
        async () => {
          const ids = await refusals.takeParked(mailboxId);
          return ids.length > 0 && ids;
        },
        { what: 'some are woken' },
      ),
  };
}

describe('what is parked because its mailbox refuses it', () => {
  test('is told with the permits of that mailbox alone, until it is woken', async () => {
    await using at = await setup();
    await at.refusals.park('m1', ['a', 'b']);
    expect(await at.isParked('M1')).toBe(true);
    expect(await at.isParked('m2')).toBe(false);
    expect(await at.refusals.takeParked('m2')).toEqual([]);
    expect(await at.taken('m1')).toEqual(['a', 'b']);
    expect(await at.isParked('m1')).toBe(false);
    // Refused although the mailbox is well: not woken again at once, but later it is.
    await at.refusals.park('m1', ['b']);
    expect(await at.isParked('m1')).toBe(false);
    expect(await at.refusals.takeParked('m1')).toEqual([]);
    await until(() => at.isParked('m1'), { what: 'it may be woken again' });
    expect(await at.taken('m1')).toEqual(['b']);
  });

  test('is woken in steps, until all is that was parked when the waking began', async () => {
    await using at = await setup();
    const ids = Array.from({ length: 1_200 }, (_, n) => `job-${n}`);
    await at.refusals.park('m1', ids);
    const first = await at.taken('m1');
    expect(await at.refusals.takeParked('m1')).toEqual([]);
    await at.refusals.park('m1', ['late']);
    const woken = [first, await at.taken('m1'), await at.taken('m1')];
    expect(woken.map(({ length }) => length)).toEqual([500, 500, 200]);
    expect(woken.flat().toSorted()).toEqual(ids.toSorted());
    expect(await at.taken('m1')).toEqual(['late']);
  });
});
