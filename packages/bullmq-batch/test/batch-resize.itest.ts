import { describe, expect, test } from '@jest/globals';
import { until } from '@ms1/testkit';

import { batchBundle, DRIVERS, redisForFile } from './batch-bundle.ts';

const server = redisForFile();

describe.each(DRIVERS)('a batch worker that is resized (%s)', (driver) => {
  test('takes batches of the new size from the next fetch on, and waits for the new minimum', async () => {
    await using bundle = await batchBundle(server.get(), driver);
    const sizes: number[] = [];
    await bundle.add(60);
    const worker = bundle.worker(
      async ({ size }) => {
        sizes.push(size);
        worker.resize(20, 20);
      },
      { batch: { size: 10, minSize: 10 } },
    );
    await until(() => sizes.length === 3, { what: 'three batches' });
    expect(sizes).toEqual([10, 20, 20]);
    // Ten are left, and twenty are waited for.
    expect((await bundle.counts()).waiting).toBe(10);
    expect(() => worker.resize(10, 20)).toThrow(RangeError);
  });
});
