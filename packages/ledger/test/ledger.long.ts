import { expect, test } from '@jest/globals';
import { startRedis } from '@ms1/testkit';
import { Redis } from 'ioredis';

import { Ledger, SessionStore } from '../src/index.ts';
import { assertForwardOnly } from './ledger-interleavings.ts';

async function setup() {
  const server = await startRedis();
  const [redis, other] = [new Redis(server.url), new Redis(server.url)];
  return {
    ledger: new Ledger(redis),
    otherLedger: new Ledger(other),
    sessions: new SessionStore(redis),
    flush: () => redis.flushall(),
    async [Symbol.asyncDispose]() {
      redis.disconnect();
      other.disconnect();
      await server.stop();
    },
  };
}

test('over 10,000 random interleavings no message moves backwards, and counters equal the states', async () => {
  await using bundle = await setup();
  await expect(assertForwardOnly(bundle, 10_000)).resolves.toBeUndefined();
}, 900_000);
