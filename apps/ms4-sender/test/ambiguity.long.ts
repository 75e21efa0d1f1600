import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { type EncodedItem, encodeBatch, encodeItem } from '@ms1/ms4-client';
import { aDelivery } from '@ms1/testkit';

import { startFleet } from './start-fleet.ts';

type Fleet = Awaited<ReturnType<typeof startFleet>>;

const COUNT = 1_200;
const SIZE = 20;

const items = (from: number): EncodedItem[] =>
  Array.from({ length: SIZE }, (_, n) => encodeItem(aDelivery(from + n).record));

/** The same items under a key that is made up for each request. */
function withNewKey(part: readonly EncodedItem[]): { batchId: string; body: Buffer } {
  const batchId = randomUUID();
  const { body } = encodeBatch(part);
  const records = (JSON.parse(body.toString()) as { items: unknown[] }).items;
  return { batchId, body: Buffer.from(JSON.stringify({ batchId, items: records })) };
}

/** A sender without our mechanisms: repeats until it is answered. */
async function repeatUntilAnswered(
  fleet: Fleet,
  encode: (part: readonly EncodedItem[]) => { batchId: string; body: Buffer },
): Promise<void> {
  for (let from = 0; from < COUNT; from += SIZE) {
    const part = items(from);
    while ((await fleet.post(encode(part)).catch(() => null)) === null);
  }
}

describe('30 % of the requests are stored and then reset', () => {
  test('every record has exactly one effect, and every job ends', async () => {
    await using fleet = await startFleet();
    await fleet.fault('ms4-commit-then-reset', { share: 0.3 });
    const keys = await fleet.add(0, COUNT);
    await fleet.startSender({
      MS4_SENDER_BATCH_SIZE: String(SIZE),
      MS4_REQUESTS_PER_SECOND_MAX: '1000',
    });
    await fleet.delivered(keys);
    const { stored, replayed } = await fleet.ms4();
    expect(stored).toBe(COUNT);
    // The fault happened, and MS4 recognised the key.
    expect(replayed).toBeGreaterThan(COUNT / SIZE / 10);
    expect(await fleet.queue.getFailedCount()).toBe(0);
  });

  test('the stable key alone is enough, where MS4 does not know records again', async () => {
    await using fleet = await startFleet();
    await fleet.fault('ms4-commit-then-reset', { share: 0.3 });
    await fleet.fault('ms4-forgets');
    await repeatUntilAnswered(fleet, encodeBatch);
    expect((await fleet.ms4()).stored).toBe(COUNT);
  });

  test('the record id alone is enough, where keys change', async () => {
    await using fleet = await startFleet();
    await fleet.fault('ms4-commit-then-reset', { share: 0.3 });
    await repeatUntilAnswered(fleet, withNewKey);
    expect((await fleet.ms4()).stored).toBe(COUNT);
  });

  test('control: with neither of them records are stored twice', async () => {
    await using fleet = await startFleet();
    await fleet.fault('ms4-commit-then-reset', { share: 0.3 });
    await fleet.fault('ms4-forgets');
    await repeatUntilAnswered(fleet, withNewKey);
    expect((await fleet.ms4()).stored).toBeGreaterThan(COUNT);
  });
});
