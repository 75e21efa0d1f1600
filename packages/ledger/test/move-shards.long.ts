import { expect, test } from '@jest/globals';
import { messageKey } from '@ms1/contracts';
import { closeRedis, connectRedis } from '@ms1/redis';
import { startCluster } from '@ms1/testkit';

import { Ledger, SessionStore, ShardMove } from '../src/index.ts';

const MESSAGES = 20_000;
const keys = Array.from({ length: MESSAGES }, (_, n) =>
  messageKey({ tenantId: 't', mailboxId: 'm', messageId: `AAkALg-${n}` }),
);

test('Cluster: a ledger of 20,000 moves over its nodes and back, and nothing is forgotten', async () => {
  await using cluster = await startCluster({ replicas: 0 });
  await using stack = new AsyncDisposableStack();
  const redis = stack.adopt(
    await connectRedis({ url: cluster.url, role: 'worker', name: 'test' }),
    closeRedis,
  );
  const { session } = await new SessionStore(redis).create({ name: 'a', mailboxes: ['m'] });
  await new Ledger(redis).record(
    keys.map((key) => ({ key, state: 'queued', at: Date.now(), sessionId: session.id })),
  );
  const knownWith = async (shards: number) => ({
    entries: await new Ledger(redis, { shards }).known(keys),
    totals: await new Ledger(redis, { shards }).totals(),
    session: await new SessionStore(redis, { shards }).get(session.id),
  });
  const before = await knownWith(1);
  for (const shards of [3, 6, 1]) {
    await new ShardMove(redis).run(shards, { refuse: async () => undefined });
    expect(await knownWith(shards)).toEqual(before);
  }
}, 300_000);
