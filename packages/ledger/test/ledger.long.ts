import { expect, test } from '@jest/globals';
import { openRedis } from '@ms1/testkit';

import { Ledger, SessionStore } from '../src/index.ts';
import { assertForwardOnly } from './ledger-interleavings.ts';

async function setup() {
  const opened = await openRedis();
  const { redis } = opened;
  const other = opened.connect();
  return {
    ...opened,
    ledger: new Ledger(redis),
    otherLedger: new Ledger(other),
    sessions: new SessionStore(redis),
    flush: () => redis.flushall(),
  };
}

test('over 10,000 random interleavings no message moves backwards, and counters equal the states', async () => {
  await using bundle = await setup();
  await expect(assertForwardOnly(bundle, 10_000)).resolves.toBeUndefined();
}, 900_000);
