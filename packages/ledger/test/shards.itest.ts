import { describe, expect, test } from '@jest/globals';
import { messageKey, shardOf } from '@ms1/contracts';
import { openRedis } from '@ms1/testkit';

import { Ledger, LookupIndex, SessionStore, ShardCount } from '../src/index.ts';

const FOLDERS = [{ mailboxId: 'm', folderId: 'inbox' }];
const KEYS = Array.from({ length: 60 }, (_, n) =>
  messageKey({ tenantId: 't', mailboxId: 'm', messageId: `AAkALg-${n}` }),
);
const PREFIX = /^\{[^}]+\}/;

async function setup(shards: number) {
  const opened = await openRedis();
  const { redis } = opened;
  const clock = { at: Date.UTC(2026, 10, 23), now: () => clock.at };
  const options = { shards, clock };
  const ledger = new Ledger(redis, options);
  const to = (state: 'queued' | 'prepared' | 'delivered', sessionId?: string) =>
    ledger.record(KEYS.map((key) => ({ key, state, at: clock.at, sessionId: sessionId ?? null })));
  return {
    ...opened,
    clock,
    ledger,
    to,
    sessions: new SessionStore(redis, options),
    index: new LookupIndex(redis, { ...options, secret: 'a secret of some length' }),
    tagsOf: async (pattern: string) =>
      new Set((await redis.keys(pattern)).map((key) => PREFIX.exec(key)?.[0])),
  };
}

describe.each([1, 3, 6])('with %i shards', (shards) => {
  test('a message is remembered in its shard alone, and found there in the order asked', async () => {
    await using bundle = await setup(shards);
    const { ledger, redis } = bundle;
    await bundle.to('queued');
    const some = KEYS.filter((_, n) => n % 2 === 0);
    await ledger.record(some.map((key) => ({ key, state: 'dead', at: bundle.clock.at })));
    const known = await ledger.known([...KEYS, 'x'.repeat(22)]);
    expect(known.map((entry) => entry?.state)).toEqual([
      ...KEYS.map((_, n) => (n % 2 === 0 ? 'dead' : 'queued')),
      undefined,
    ]);
    expect(await ledger.reopen(KEYS)).toEqual(KEYS.map((_, n) => n % 2 === 0));
    expect(await ledger.totals()).toMatchObject({ queued: 60, dead: 0 });
    for (const key of KEYS) {
      const prefix = shards === 1 ? '{ms1}' : `{ms1:${shardOf(key, shards)}}`;
      expect(await redis.keys(`*:${key}`)).toEqual([`${prefix}:ledger:${key}`]);
    }
  });

  test('a session counts its messages in all shards, and ends with the last of them', async () => {
    await using bundle = await setup(shards);
    const { sessions, ledger } = bundle;
    const { session } = await sessions.create({ name: 'a', mailboxes: ['m'] });
    await bundle.to('queued', session.id);
    await sessions.close(session.id, FOLDERS);
    await bundle.to('prepared');
    const [last = '', ...others] = KEYS;
    const at = bundle.clock.at;
    await ledger.record(others.map((key) => ({ key, state: 'delivered', at })));
    const [folder = { mailboxId: '', folderId: '' }] = FOLDERS;
    await sessions.recordScan(session.id, folder, { found: 60, requeued: 0 });
    expect(await sessions.counts(session.id)).toMatchObject({ prepared: 1, delivered: 59 });
    expect(await sessions.finish(session.id)).toBe(false);
    await ledger.record([{ key: last, state: 'skipped', at, reason: 'rule' }]);
    expect(await sessions.finish(session.id)).toBe(true);
    expect(await sessions.get(session.id)).toMatchObject({
      status: 'finished',
      found: 60,
      counts: { queued: 0, prepared: 0, delivered: 59, skipped: 1 },
      reasons: { 'skipped:rule': 1 },
    });
  });

  test('does not end before its folders are listed', async () => {
    await using bundle = await setup(shards);
    const { session } = await bundle.sessions.create({ name: 'a', mailboxes: ['m'] });
    await bundle.to('delivered', session.id);
    await bundle.sessions.close(session.id, FOLDERS);
    expect(await bundle.sessions.finish(session.id)).toBe(false);
  });

  test('a message of a session that ended goes to the one that notices it, of one that goes on it stays', async () => {
    await using bundle = await setup(shards);
    const { sessions } = bundle;
    const { session: first } = await sessions.create({ name: 'a', mailboxes: ['m'] });
    await bundle.to('queued', first.id);
    await sessions.close(first.id, FOLDERS);
    const { session: next } = await sessions.create({ name: 'b', mailboxes: ['m'] });
    await bundle.to('queued', next.id);
    expect(await sessions.counts(next.id)).toMatchObject({ queued: 0 });
    await sessions.cancel(first.id);
    await bundle.to('queued', next.id);
    expect(await sessions.counts(first.id)).toMatchObject({ queued: 0 });
    expect(await sessions.counts(next.id)).toMatchObject({ queued: 60 });
  });

  test('nothing of a session stays 35 days after it ended', async () => {
    await using bundle = await setup(shards);
    const { sessions, redis, clock } = bundle;
    const { session } = await sessions.create({ name: 'a', mailboxes: ['m'] });
    await bundle.to('queued', session.id);
    const lasting = async () =>
      (await redis.keys(`*session*${session.id}`)).filter((key) => !key.startsWith('{ms1}:'));
    for (const key of await lasting()) expect(await redis.pttl(key)).toBe(-1);
    await sessions.cancel(session.id);
    for (const key of await lasting()) expect(await redis.pttl(key)).toBeGreaterThan(0);
    await sessions.resume(session.id);
    for (const key of await lasting()) expect(await redis.pttl(key)).toBe(-1);
    await sessions.cancel(session.id);
    clock.at += 36 * 24 * 3_600_000;
    await sessions.forgetEnded();
    expect((await redis.keys(`{ms1}:*${session.id}`)).length).toBe(0);
  });

  test('mail is found by its words in all shards, and taken out of all', async () => {
    await using bundle = await setup(shards);
    const { index, clock } = bundle;
    const subject = 'facture bordeaux octobre livraison palettes';
    const about = {
      mailboxId: 'm',
      receivedAt: clock.at,
      internetMessageId: null,
      sender: 'a@b.c',
    };
    await index.add(KEYS.map((key) => ({ key, ...about, subject })));
    const [from, to] = [clock.at, clock.at];
    const found = await index.find({ from, to, sender: 'a@b.c', words: 'Palettes bordeaux' });
    expect(found.toSorted()).toEqual(KEYS.toSorted());
    const tags = await bundle.tagsOf('*:lookup:*');
    expect(tags.size > 1).toBe(shards > 1);
    await index.remove(new Set(KEYS));
    expect(await index.find({ from, to, sender: 'a@b.c' })).toEqual([]);
  });
});

test('control: shards that are not told how a session stands give its messages away', async () => {
  await using bundle = await setup(3);
  const { sessions, redis } = bundle;
  const { session: first } = await sessions.create({ name: 'a', mailboxes: ['m'] });
  await bundle.to('queued', first.id);
  await sessions.close(first.id, FOLDERS);
  const { session: next } = await sessions.create({ name: 'b', mailboxes: ['m'] });
  await redis.del(await redis.keys('{ms1:*:session:record:*'));
  await bundle.to('queued', next.id);
  expect(await sessions.counts(next.id)).toMatchObject({ queued: 60 });
});

test('one shard writes the keys that there were before there were shards', async () => {
  await using bundle = await setup(1);
  const { session } = await bundle.sessions.create({ name: 'a', mailboxes: ['m'] });
  await bundle.to('queued', session.id);
  expect(await bundle.tagsOf('*')).toEqual(new Set(['{ms1}']));
});

describe('ShardCount', () => {
  test('is what the first process says, and refuses whoever says otherwise', async () => {
    await using bundle = await openRedis();
    const count = new ShardCount(bundle.redis);
    await count.claim(3);
    await count.claim(3);
    await expect(count.claim(1)).rejects.toThrow('REDIS_SHARDS is 1, and Redis has 3: set it to 3');
  });

  test('is one where there are messages of before there were shards', async () => {
    await using bundle = await setup(1);
    await bundle.to('queued');
    const count = new ShardCount(bundle.redis);
    await expect(count.claim(3)).rejects.toThrow('ms1 shards --to 3 --yes');
    await count.claim(1);
  });
});
