import { expect, test } from '@jest/globals';
import { openRedis, until } from '@ms1/testkit';
import { Queue } from 'bullmq';

import { BatchBudget, BatchWorker } from '../src/index.ts';

/** One that lets nobody go before who has a place. */
class GreedyBudget extends BatchBudget {
  override mayKeep(): boolean {
    return true;
  }
}

/** Which shard's job was taken when, where two workers of a process share a place and the first has a hundred jobs. */
async function taken(budget: BatchBudget): Promise<{ order: string[]; inFlightMax: number }> {
  await using opened = await openRedis();
  const { redis: connection } = opened;
  const prefixes = ['{ms1:0}', '{ms1:1}'];
  const order: string[] = [];
  const flight = { now: 0, most: 0 };
  for (const [prefix, count] of [
    ['{ms1:0}', 100],
    ['{ms1:1}', 5],
  ] as const) {
    await using queue = disposable(new Queue('inbound', { connection, prefix }));
    await queue.it.addBulk(Array.from({ length: count }, () => ({ name: 'x', data: {} })));
  }
  await using stack = new AsyncDisposableStack();
  for (const prefix of prefixes) {
    const work = async ({ entries }: { entries: readonly { complete(): void }[] }) => {
      flight.now += 1;
      flight.most = Math.max(flight.most, flight.now);
      order.push(prefix);
      await connection.ping();
      for (const entry of entries) entry.complete();
      flight.now -= 1;
    };
    const worker = new BatchWorker('inbound', work, {
      connection,
      prefix,
      batch: { size: 1, budget },
    });
    stack.defer(() => worker.close());
  }
  await until(() => order.length === 105, { what: 'all are taken' });
  return { order, inFlightMax: flight.most };
}

const disposable = <T extends { close(): Promise<void> }>(it: T) => ({
  it,
  [Symbol.asyncDispose]: () => it.close(),
});

test('workers that share their places take in turn: a queue that is never empty starves no other', async () => {
  const { order, inFlightMax } = await taken(new BatchBudget(1));
  expect(inFlightMax).toBe(1);
  expect(order.lastIndexOf('{ms1:1}')).toBeLessThan(50);
  // Without the turn the other waits for the last job of the first.
  const greedy = await taken(new GreedyBudget(1));
  expect(greedy.order.slice(-5)).toEqual(Array(5).fill('{ms1:1}'));
});
