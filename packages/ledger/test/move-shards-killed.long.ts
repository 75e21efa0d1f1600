import { describe, expect, test } from '@jest/globals';
import { messageKey, shardPrefixes } from '@ms1/contracts';
import { openRedis } from '@ms1/testkit';
import type { Redis } from 'ioredis';

import {
  KnownSenders,
  Ledger,
  LookupIndex,
  MessageLinks,
  SessionStore,
  ShardCount,
  ShardMove,
} from '../src/index.ts';

const KEYS = Array.from({ length: 90 }, (_, n) =>
  messageKey({ tenantId: 't', mailboxId: 'm', messageId: `AAkALg-${n}` }),
);
const SECRET = 'a secret of some length';
const LATER = KEYS.map((_, n) => ({
  key: 'later'.padEnd(22, 'x'),
  mailboxId: 'm',
  internetMessageId: `<${n}@mail.example>`,
}));
const SENT = KEYS.map((key, n) => ({ key, address: `${n}@mail.example` }));
const AT = Date.UTC(2026, 10, 23);
const clock = { now: () => AT };
const nobody = { refuse: async () => undefined };

function storesOf(redis: Redis, shards: number) {
  const options = { shards, clock };
  return {
    ledger: new Ledger(redis, options),
    sessions: new SessionStore(redis, options),
    index: new LookupIndex(redis, { ...options, secret: SECRET }),
    links: new MessageLinks(redis, { ...options, secret: SECRET }),
    senders: new KnownSenders(redis, { ...options, secret: SECRET }),
  };
}

/** An installation with an open session, one that ended, and mail in every state; and all that is known of it. */
async function setup(shards: number) {
  const opened = await openRedis();
  const { redis } = opened;
  await new ShardCount(redis).claim(shards);
  const { ledger, sessions, index, links, senders } = storesOf(redis, shards);
  const { session: ended } = await sessions.create({ name: 'ended', mailboxes: ['n'] });
  const { session: open } = await sessions.create({ name: 'open', mailboxes: ['m'] });
  const part = (n: number) => KEYS.filter((_, at) => at % 3 === n).map((key) => ({ key, at: AT }));
  await ledger.record(part(0).map((one) => ({ ...one, state: 'queued', sessionId: open.id })));
  await ledger.record(part(1).map((one) => ({ ...one, state: 'delivered', sessionId: ended.id })));
  const skipped = part(2).map((one) => ({ ...one, state: 'skipped' as const, reason: 'rule' }));
  await ledger.record(skipped);
  await sessions.cancel(ended.id);
  const mail = { mailboxId: 'm', receivedAt: AT, internetMessageId: null, sender: 'a@b.c' };
  await index.add(KEYS.map((key) => ({ key, ...mail, subject: 'facture bordeaux octobre' })));
  await links.firstOf(LATER.map((one, n) => ({ ...one, key: KEYS[n] ?? '' })));
  await senders.areFirst(SENT);
  const knownWith = async (count: number) => {
    const at = storesOf(redis, count);
    return {
      entries: await at.ledger.known(KEYS),
      totals: await at.ledger.totals(),
      sessions: await at.sessions.list(),
      firsts: (await at.links.firstOf(LATER)).map((first) => first?.key),
      strangers: await at.senders.areFirst(SENT.map((sent) => ({ ...sent, key: 'y'.repeat(22) }))),
      found: (await at.index.find({ from: AT, to: AT, words: 'bordeaux' })).toSorted(),
    };
  };
  return {
    ...opened,
    open,
    knownWith,
    tags: async () => new Set((await redis.keys('*')).map((key) => /^\{[^}]+\}/.exec(key)?.[0])),
  };
}

/** A connection that is gone once `isLast` says so of a command. */
function dying(redis: Redis, isLast: (name: string, key: string) => boolean): Redis {
  return new Proxy(redis, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function' || name === 'defineCommand') return value;
      return (...args: unknown[]) => {
        if (isLast(String(name), String(args[0]))) throw new Error('killed');
        return Reflect.apply(value, target, args) as unknown;
      };
    },
  });
}

describe('ms1 shards', () => {
  test.each([
    [1, 3],
    [3, 6],
    [6, 1],
    [3, 2],
  ])('from %i to %i shards nothing is forgotten, and nothing is left behind', async (from, to) => {
    await using bundle = await setup(from);
    const { redis, open } = bundle;
    const before = await bundle.knownWith(from);
    expect(before.firsts).toEqual(KEYS);
    expect(before.strangers).not.toContain(true);
    await new ShardMove(redis, { clock }).run(to, nobody);
    expect(await bundle.knownWith(to)).toEqual(before);
    expect(await bundle.tags()).toEqual(new Set(['{ms1}', ...shardPrefixes('{ms1}', to)]));
    expect(await redis.keys(to === 1 ? '{ms1:*' : '{ms1}:ledger*')).toEqual([]);
    for (const key of await redis.keys('*:ledger:*')) {
      expect(await redis.pttl(key)).toBeGreaterThan(34 * 24 * 3_600_000);
    }
    // It goes on: an entry that is counted in one shard moves on in another.
    const { ledger, sessions } = storesOf(redis, to);
    await ledger.record(KEYS.map((key) => ({ key, state: 'delivered', at: AT })));
    expect(await sessions.counts(open.id)).toMatchObject({ queued: 0, delivered: 30 });
    expect(await ledger.totals()).toMatchObject({ queued: 0, skipped: 0, delivered: 90 });
    await new ShardCount(redis).claim(to);
  });

  test('killed anywhere and run again it comes to the same, and until then no process starts', async () => {
    await using bundle = await setup(3);
    const { redis, knownWith } = bundle;
    const before = await knownWith(3);
    let [from, to] = [3, 2];
    let kills = 0;
    // Coprime to what a key takes, so that it is killed at each step of one.
    for (let commands = 3; ; commands += 37) {
      let left = commands;
      const move = new ShardMove(
        dying(redis, () => (left -= 1) < 0),
        { clock },
      );
      const ended = await move.run(to, nobody).catch(() => null);
      if (ended) break;
      kills += 1;
      await expect(new ShardCount(redis).claim(from)).rejects.toThrow('is being moved');
      await new ShardMove(redis, { clock }).run(to, nobody);
      expect(await knownWith(to)).toEqual(before);
      [from, to] = [to, from];
    }
    expect(kills).toBeGreaterThan(10);
  });

  test.each([
    ['killed as it puts the counters down, it has their sum', false, 90],
    ['control: without the sum that was written down before, they are gone', true, 0],
  ])('%s', async (_, isLost, count) => {
    await using bundle = await setup(3);
    const { redis } = bundle;
    const isLast = (name: string, key: string) => name === 'hset' && key.includes('ledger-totals');
    const move = new ShardMove(dying(redis, isLast), { clock });
    await expect(move.run(2, nobody)).rejects.toThrow('killed');
    if (isLost) await redis.del('{ms1}:store:moved-counts');
    await new ShardMove(redis, { clock }).run(2, nobody);
    const { totals } = await bundle.knownWith(2);
    expect(Object.values(totals).reduce((sum, one) => sum + one, 0)).toBe(count);
  });

  test('is refused while a process runs, and changes nothing', async () => {
    await using bundle = await setup(1);
    const before = await bundle.knownWith(1);
    const refuse = async () => 'stop processor first';
    const move = new ShardMove(bundle.redis, { clock });
    await expect(move.run(3, { refuse })).rejects.toThrow('stop processor first');
    expect(await bundle.knownWith(1)).toEqual(before);
    await new ShardCount(bundle.redis).claim(1);
  });
});
