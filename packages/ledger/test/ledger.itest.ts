import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { LedgerChange, MessageState } from '@ms1/contracts';
import { openRedis, startRedis, until } from '@ms1/testkit';
import * as fc from 'fast-check';
import { Redis } from 'ioredis';

import { Ledger, SessionStore } from '../src/index.ts';
import { assertForwardOnly, tally } from './ledger-interleavings.ts';

async function setup(options: { retentionMs?: number } = {}) {
  const opened = await openRedis();
  const { redis } = opened;
  const other = opened.connect();
  return {
    ...opened,
    ledger: new Ledger(redis, options),
    /** a second process */
    otherLedger: new Ledger(other, options),
    sessions: new SessionStore(redis),
  };
}

const newKey = (): string => randomBytes(16).toString('base64url');
const RANK: Record<MessageState, number> = {
  queued: 1,
  prepared: 2,
  delivered: 3,
  skipped: 3,
  dead: 3,
};
const AT = Date.UTC(2026, 10, 23);

describe('Ledger', () => {
  test('forgets by the clock of Redis; control: by one that leapt over the retention, what was delivered is unknown', async () => {
    await using bundle = await setup({ retentionMs: 60_000 });
    const key = newKey();
    const at = Date.now();
    await bundle.ledger.record([{ key, state: 'delivered', at }]);
    const leapt = { now: () => at + 120_000 };
    const ledger = new Ledger(bundle.redis, { retentionMs: 60_000, clock: leapt });
    const [entry] = await ledger.known([key]);
    expect(entry?.state).toBe('delivered');
    const byItsClock = entry && entry.at + 60_000 > leapt.now() ? entry : null;
    expect(byItsClock).toBeNull();
  });

  test('remembers state, times, source, reason and receipt of a message, and nothing of an unknown one', async () => {
    await using bundle = await setup();
    const key = newKey();
    await bundle.ledger.record([
      { key, state: 'queued', at: AT, sessionId: 's1', source: 'webhook' },
    ]);
    await bundle.ledger.record([{ key, state: 'prepared', at: AT + 5 }]);
    await bundle.ledger.record([{ key, state: 'delivered', at: AT + 9, receipt: 'batch-1' }]);
    expect(await bundle.ledger.known([newKey(), key])).toEqual([
      null,
      {
        state: 'delivered',
        sessionId: 's1',
        at: AT + 9,
        source: 'webhook',
        reason: null,
        receipt: 'batch-1',
        receivedAt: null,
        queuedAt: AT,
        preparedAt: AT + 5,
      },
    ]);
  });

  test('keeps when Exchange received it, to the second, from whoever tells it first', async () => {
    await using bundle = await setup();
    const [first, late, skewed] = [newKey(), newKey(), newKey()];
    const receivedAt = AT - 3_723_000;
    await bundle.ledger.record([
      { key: first, state: 'queued', at: AT + 7, receivedAt },
      { key: late, state: 'queued', at: AT + 7 },
      // By a clock that is behind: it was not received after it was noticed.
      { key: skewed, state: 'queued', at: AT, receivedAt: AT + 60_000 },
    ]);
    await bundle.ledger.record([
      { key: first, state: 'delivered', at: AT + 9, receivedAt: receivedAt + 5_000 },
      { key: late, state: 'delivered', at: AT + 9, receipt: 'r', receivedAt },
    ]);
    const times = (await bundle.ledger.known([first, late, skewed])).map((one) => one?.receivedAt);
    expect(times).toEqual([receivedAt, receivedAt, AT]);
    // It stays through a replay.
    await bundle.ledger.record([{ key: skewed, state: 'dead', at: AT + 1, reason: 'x' }]);
    expect(await bundle.ledger.reopen([skewed])).toEqual([true]);
    expect((await bundle.ledger.known([skewed]))[0]?.receivedAt).toBe(AT);
  });

  test('a message that was delivered before the ledger heard that it was prepared gets that time, and nothing else', async () => {
    await using bundle = await setup();
    const key = newKey();
    await bundle.ledger.record([{ key, state: 'queued', at: AT }]);
    await bundle.ledger.record([{ key, state: 'delivered', at: AT + 9, receipt: 'r' }]);
    const [before] = await bundle.ledger.known([key]);
    await bundle.ledger.record([{ key, state: 'prepared', at: AT + 20 }]);
    expect(await bundle.ledger.known([key])).toEqual([before]);
    await bundle.ledger.record([{ key, state: 'prepared', at: AT + 5 }]);
    await bundle.ledger.record([{ key, state: 'prepared', at: AT + 6 }]);
    expect(await bundle.ledger.known([key])).toEqual([{ ...before, preparedAt: AT + 5 }]);
    expect(await bundle.ledger.totals()).toMatchObject({ queued: 0, prepared: 0, delivered: 1 });
  });

  test('never moves a message backwards, nor from one end of ours to another', async () => {
    await using bundle = await setup();
    const key = newKey();
    await bundle.ledger.record([
      { key, state: 'dead', at: AT, reason: 'rejected' },
      { key, state: 'queued', at: AT + 1 },
      { key, state: 'skipped', at: AT + 2, reason: 'source_deleted' },
    ]);
    expect((await bundle.ledger.known([key]))[0]).toMatchObject({
      state: 'dead',
      at: AT,
      reason: 'rejected',
    });
  });

  test('believes MS4 that a message is stored, in whatever order a late death arrives', async () => {
    await using bundle = await setup();
    const keys = [newKey(), newKey()];
    const [first = '', second = ''] = keys;
    await bundle.ledger.record([
      { key: first, state: 'dead', at: AT, reason: 'job_failed', sessionId: 's1' },
      { key: first, state: 'delivered', at: AT + 1, receipt: 'r', sessionId: 's1' },
      { key: second, state: 'delivered', at: AT, receipt: 'r', sessionId: 's1' },
      { key: second, state: 'dead', at: AT + 1, reason: 'job_failed', sessionId: 's1' },
    ]);
    expect((await bundle.ledger.known(keys)).map((entry) => entry?.state)).toEqual([
      'delivered',
      'delivered',
    ]);
    expect(await bundle.sessions.counts('s1')).toMatchObject({ delivered: 2, dead: 0 });
  });

  test('a replay takes a dead message back to queued, twice at once changes nothing more, and it may die again', async () => {
    await using bundle = await setup();
    const [dead, delivered] = [newKey(), newKey()];
    await bundle.ledger.record([
      { key: dead, state: 'dead', at: AT, reason: 'rejected', sessionId: 's1' },
      { key: delivered, state: 'delivered', at: AT, receipt: 'r', sessionId: 's1' },
    ]);
    const keys = [dead, delivered, newKey()];
    const both = await Promise.all([bundle.ledger.reopen(keys), bundle.ledger.reopen(keys)]);
    expect(both.flat().filter(Boolean)).toHaveLength(1);
    expect(await bundle.ledger.known(keys)).toMatchObject([
      { state: 'queued', reason: null, sessionId: 's1' },
      { state: 'delivered' },
      null,
    ]);
    expect(await bundle.sessions.counts('s1')).toMatchObject({ queued: 1, dead: 0, delivered: 1 });
    await bundle.ledger.record([{ key: dead, state: 'dead', at: AT + 1, reason: 'too_large' }]);
    expect(await bundle.ledger.known([dead])).toMatchObject([
      { state: 'dead', reason: 'too_large' },
    ]);
  });

  test('a discarded message stays dead, with the reason it was given', async () => {
    await using bundle = await setup();
    const key = newKey();
    await bundle.ledger.record([{ key, state: 'dead', at: AT, reason: 'rejected' }]);
    expect(await bundle.ledger.condemn([key], 'discarded')).toEqual([true]);
    expect(await bundle.ledger.condemn([key], 'discarded')).toEqual([false]);
    expect(await bundle.ledger.known([key])).toMatchObject([
      { state: 'dead', reason: 'discarded' },
    ]);
    expect(await bundle.ledger.totals()).toMatchObject({ dead: 1 });
  });

  test('a skipped message that is there after all is queued again, and what has moved on by then stays', async () => {
    await using bundle = await setup();
    const [skipped, dead, queued] = [newKey(), newKey(), newKey()];
    await bundle.ledger.record([
      { key: skipped, state: 'queued', at: AT, sessionId: 's1' },
      { key: skipped, state: 'skipped', at: AT, reason: 'source_deleted', sessionId: 's1' },
      { key: dead, state: 'dead', at: AT, reason: 'rejected' },
      { key: queued, state: 'queued', at: AT },
    ]);
    const keys = [skipped, dead, queued, newKey()];
    expect(await bundle.ledger.revive(keys)).toEqual([true, false, false, false]);
    expect(await bundle.ledger.revive(keys)).toEqual([false, false, false, false]);
    expect(await bundle.ledger.known([skipped, dead])).toMatchObject([
      { state: 'queued', reason: null, sessionId: 's1' },
      { state: 'dead' },
    ]);
    expect((await bundle.sessions.get('s1'))?.reasons ?? {}).toEqual({});
    // It goes on from there like any other, and a late word of its skip does not end it for good.
    await bundle.ledger.record([
      { key: skipped, state: 'skipped', at: AT, reason: 'source_deleted' },
      { key: skipped, state: 'delivered', at: AT + 9, receipt: 'r' },
    ]);
    expect(await bundle.ledger.known([skipped])).toMatchObject([{ state: 'delivered' }]);
    expect(await bundle.ledger.totals()).toMatchObject({
      delivered: 1,
      dead: 1,
      queued: 1,
      skipped: 0,
    });
    expect(await bundle.ledger.revive([skipped])).toEqual([false]);
  });

  test('takes and answers any number of messages, one command for each 500', async () => {
    await using bundle = await setup();
    const changes = Array.from(
      { length: 1_201 },
      (): LedgerChange => ({ key: newKey(), state: 'queued', at: AT, sessionId: 's1' }),
    );
    await bundle.ledger.record(changes.slice(0, 1));
    await bundle.redis.config('RESETSTAT');
    await bundle.ledger.record(changes);
    const known = await bundle.ledger.known(changes.map(({ key }) => key));
    const stats = await bundle.redis.info('commandstats');
    expect(known.every((entry) => entry?.state === 'queued')).toBe(true);
    expect(stats).toMatch(/cmdstat_evalsha:calls=3,/);
    // Six MGETs: three asked for, three inside the scripts.
    expect(stats).toMatch(/cmdstat_mget:calls=6,/);
    expect(await bundle.sessions.counts('s1')).toMatchObject({ queued: 1_201 });
  });

  test('a message takes at most 250 bytes of Redis, expiry and hash table included', async () => {
    await using bundle = await setup();
    const count = 20_000;
    const before = await usedMemory(bundle.redis);
    const keys = Array.from({ length: count }, newKey);
    for (const state of ['queued', 'prepared', 'delivered'] as const) {
      await bundle.ledger.record(
        keys.map((key) => ({
          key,
          state,
          at: AT + 90_000_000 * RANK[state],
          sessionId: 'Zm9vYmFy',
          source: 'webhook',
          receipt: '6f1d2c66-5b0e-4cf5-9a3e-9a2f0c1b7d11',
        })),
      );
    }
    const perMessage = async () => ((await usedMemory(bundle.redis)) - before) / count;
    const one = await bundle.redis.memory('USAGE', `{ms1}:ledger:${keys[0]}`);
    expect(one).toBeLessThanOrEqual(250);
    // Redis moves its keys into a larger table bit by bit, and has both until it is through.
    await until(async () => (await perMessage()) <= 250, { what: '250 bytes a message or less' });
    expect(await perMessage()).toBeGreaterThan(100);
  });

  test('keeps every entry exactly as long as it is told, counted from its last change', async () => {
    await using bundle = await setup({ retentionMs: 60_000 });
    const key = newKey();
    await bundle.ledger.record([{ key, state: 'queued', at: AT }]);
    const ttl = await bundle.redis.pttl(`{ms1}:ledger:${key}`);
    expect(ttl).toBeGreaterThan(50_000);
    expect(ttl).toBeLessThanOrEqual(60_000);
  });

  test('no reason, receipt or session can break an entry apart', async () => {
    await using bundle = await setup();
    const hostile = fc.string({ unit: 'binary', maxLength: 80 });
    await fc.assert(
      fc.asyncProperty(hostile, hostile, async (reason, receipt) => {
        const key = newKey();
        await bundle.ledger.record([{ key, state: 'dead', at: AT, reason, receipt }]);
        await bundle.ledger.record([{ key, state: 'queued', at: AT, sessionId: 's1' }]);
        expect((await bundle.ledger.known([key]))[0]).toMatchObject({
          state: 'dead',
          at: AT,
          sessionId: 's1',
        });
      }),
      { numRuns: 100 },
    );
  });

  test('leaves an entry of a later format alone', async () => {
    await using bundle = await setup();
    const key = newKey();
    await bundle.redis.set(`{ms1}:ledger:${key}`, '2something else');
    await bundle.ledger.record([{ key, state: 'queued', at: AT, sessionId: 's1' }]);
    expect(await bundle.redis.get(`{ms1}:ledger:${key}`)).toBe('2something else');
    expect(await bundle.sessions.counts('s1')).toMatchObject({ queued: 0 });
  });

  test('survives a Redis that forgot its scripts', async () => {
    await using bundle = await setup();
    const key = newKey();
    await bundle.ledger.record([{ key, state: 'queued', at: AT }]);
    await bundle.redis.script('FLUSH');
    await bundle.ledger.record([{ key, state: 'prepared', at: AT }]);
    expect((await bundle.ledger.known([key]))[0]).toMatchObject({ state: 'prepared' });
  });
});

describe('attribution', () => {
  test('a session takes over what is on no session, also when it is final', async () => {
    await using bundle = await setup();
    const [queued, delivered] = [newKey(), newKey()];
    await bundle.ledger.record([
      { key: queued, state: 'queued', at: AT },
      { key: delivered, state: 'delivered', at: AT },
    ]);
    await bundle.ledger.record(
      [queued, delivered].map((key) => ({ key, state: 'queued', at: AT, sessionId: 's1' })),
    );
    expect(await bundle.sessions.counts('s1')).toMatchObject({ queued: 1, delivered: 1 });
  });

  test('a later stage never changes whose a message is', async () => {
    await using bundle = await setup();
    const key = newKey();
    await bundle.ledger.record([{ key, state: 'queued', at: AT, sessionId: 's1' }]);
    await bundle.ledger.record([{ key, state: 'prepared', at: AT, sessionId: 's2' }]);
    await bundle.ledger.record([{ key, state: 'delivered', at: AT, sessionId: null }]);
    expect(await bundle.sessions.counts('s1')).toMatchObject({
      queued: 0,
      prepared: 0,
      delivered: 1,
    });
    expect(await bundle.sessions.counts('s2')).toMatchObject({ prepared: 0 });
  });

  test('a message on its way moves only from a session that has ended', async () => {
    await using bundle = await setup();
    const mailboxes = ['m1'];
    const { session: first } = await bundle.sessions.create({ name: 'first', mailboxes });
    const key = newKey();
    await bundle.ledger.record([{ key, state: 'queued', at: AT, sessionId: first.id }]);
    await bundle.ledger.record([{ key, state: 'queued', at: AT, sessionId: 'next' }]);
    expect(await bundle.sessions.counts('next')).toMatchObject({ queued: 0 });
    await bundle.sessions.cancel(first.id);
    await bundle.ledger.record([{ key, state: 'queued', at: AT, sessionId: 'next' }]);
    expect(await bundle.sessions.counts(first.id)).toMatchObject({ queued: 0 });
    expect(await bundle.sessions.counts('next')).toMatchObject({ queued: 1 });
  });
});

describe('under two writers and replays', () => {
  test('no message ever moves backwards, and counters always equal the states', async () => {
    await using bundle = await setup();
    const flush = () => bundle.redis.flushall();
    await expect(assertForwardOnly({ ...bundle, flush }, 200)).resolves.toBeUndefined();
  });

  test('a Redis that is killed in the middle comes back with counters that equal the states', async () => {
    const flags = { appendonly: 'yes', appendfsync: 'always' };
    await using server = await startRedis({ flags });
    const redis = new Redis(server.url, { retryStrategy: () => null, maxRetriesPerRequest: 0 });
    redis.on('error', () => undefined);
    const keys = Array.from({ length: 3_000 }, newKey);
    const acknowledged: string[] = [];
    const writing = (async () => {
      const ledger = new Ledger(redis);
      for (let start = 0; ; start = (start + 100) % keys.length) {
        const chunk = keys.slice(start, start + 100);
        for (const state of ['queued', 'prepared', 'delivered'] as const) {
          await ledger.record(chunk.map((key) => ({ key, state, at: AT, sessionId: 's1' })));
        }
        acknowledged.push(...chunk);
      }
    })();
    await until(() => acknowledged.length >= 1_000, { what: 'a thousand are written' });
    await server.kill();
    await expect(writing).rejects.toThrow();
    redis.disconnect();

    await using again = await startRedis({ dir: server.dir, flags });
    const reader = new Redis(again.url);
    try {
      const ledger = new Ledger(reader);
      const entries = await ledger.known(keys);
      expect(await new SessionStore(reader).counts('s1')).toEqual(tally(entries, 's1'));
      expect(await ledger.totals()).toEqual(tally(entries));
      const survivors = await ledger.known([...new Set(acknowledged)]);
      expect(survivors.every((entry) => entry?.state === 'delivered')).toBe(true);
    } finally {
      reader.disconnect();
    }
  });

  test('negative control: a reader-then-writer without the script does move backwards', async () => {
    await using bundle = await setup();
    const key = newKey();
    const naive = async (redis: Redis, rank: number, pause: Promise<void>): Promise<void> => {
      const known = Number((await redis.get(key)) ?? 0);
      await pause;
      if (rank > known) await redis.set(key, rank);
    };
    const late = Promise.withResolvers<void>();
    const slow = naive(bundle.redis, 1, late.promise);
    await bundle.redis.ping();
    await naive(bundle.redis, 3, Promise.resolve());
    late.resolve();
    await slow;
    expect(await bundle.redis.get(key)).toBe('1');
  });
});

/** Data and hash tables, without what connections and scripts hold for the moment. */
async function usedMemory(redis: Redis): Promise<number> {
  const stats = new Map(pairs(await redis.memory('STATS')));
  const db = new Map(pairs(stats.get('db.0')));
  const parts = [
    stats.get('dataset.bytes'),
    db.get('overhead.hashtable.main') ?? 0,
    db.get('overhead.hashtable.expires') ?? 0,
  ];
  return parts.map(Number).reduce((sum, part) => sum + part, 0);
}

/** name, value, name, value, ... as Redis answers a map */
function pairs(reply: unknown): [unknown, unknown][] {
  const flat: unknown[] = Array.isArray(reply) ? reply : [];
  return flat.flatMap((name, index) => (index % 2 === 0 ? [[name, flat[index + 1]]] : []));
}
