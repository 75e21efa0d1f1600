import { describe, expect, test } from '@jest/globals';
import { startRedis } from '@ms1/testkit';
import { Redis } from 'ioredis';

import { LoginStore } from '../src/auth/login-store.ts';
import { LoginTries } from '../src/auth/login-tries.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const MINUTE_MS = 60_000;

/** Two consoles on one Redis, with one clock. */
async function setup() {
  const server = await startRedis();
  const clock = { at: Date.UTC(2026, 10, 29), now: () => clock.at };
  const connections = [new Redis(server.url), new Redis(server.url)];
  const [redis = new Redis(server.url)] = connections;
  const options = { clock, lifetimeMs: 8 * HOUR_MS };
  const [one, two] = connections.map((connection) => ({
    logins: new LoginStore(connection, options),
    tries: new LoginTries(connection, { clock }),
  }));
  if (!one || !two) throw new Error('two consoles');
  return {
    clock,
    redis,
    one,
    two,
    async [Symbol.asyncDispose]() {
      for (const connection of connections) connection.disconnect();
      await server.stop();
    },
  };
}

describe('keys of logins', () => {
  test('are made once for all, random, and the same for who comes at the same time', async () => {
    await using bundle = await setup();
    const { one, two, redis } = bundle;
    const read = await Promise.all(
      Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? one : two).logins.keys()),
    );
    const [first] = read;
    expect(new Set(read.map((keys) => JSON.stringify(keys)))).toHaveProperty('size', 1);
    expect(first?.keys).toHaveLength(1);
    expect(Buffer.from(first?.keys[0]?.secret ?? '', 'base64url')).toHaveLength(32);
    await redis.flushall();
    const again = await one.logins.keys();
    expect(again.id).not.toBe(first?.id);
    expect(again.keys[0]?.secret).not.toBe(first?.keys[0]?.secret);
  });

  test('change daily; one verifies for the life of a login after it signed its last, and no longer', async () => {
    await using bundle = await setup();
    const { one, two, clock, redis } = bundle;
    const first = await one.logins.keys();
    clock.at += DAY_MS - 1;
    expect(await two.logins.keys()).toEqual(first);
    clock.at += 1;
    const second = await two.logins.keys();
    expect(second.id).toBe(first.id);
    expect(second.keys).toEqual([second.keys[0], ...first.keys]);
    expect(second.keys[0]?.id).not.toBe(first.keys[0]?.id);
    expect(await one.logins.keys()).toEqual(second);
    clock.at += 8 * HOUR_MS - 1;
    expect((await one.logins.keys()).keys).toHaveLength(2);
    clock.at += 1;
    expect((await one.logins.keys()).keys).toEqual(second.keys.slice(0, 1));
    // Also where nobody came for days: an old key is not good because it is the newest.
    clock.at += 7 * DAY_MS;
    const late = await one.logins.keys();
    expect(late.keys).toHaveLength(1);
    expect(late.keys[0]?.id).not.toBe(second.keys[0]?.id);
    // Not for ever, when no console is there.
    expect(await redis.pttl('{ms1}:console:login-keys')).toBeGreaterThan(DAY_MS);
  });

  test('a login that one console ended is ended for all, for as long as it would have lasted', async () => {
    await using bundle = await setup();
    const { one, two, redis } = bundle;
    await one.logins.end('ended', HOUR_MS);
    await one.logins.end('over', 0);
    expect(await two.logins.ended(['ended', 'over', 'other'])).toEqual(new Set(['ended']));
    expect(await two.logins.ended([])).toEqual(new Set());
    const ttl = await redis.pttl('{ms1}:console:ended-login:ended');
    expect(ttl).toBeGreaterThan(0);
    expect(ttl).toBeLessThanOrEqual(HOUR_MS);
    expect(await redis.keys('*over*')).toEqual([]);
  });
});

describe('tries to log in', () => {
  type Console = Awaited<ReturnType<typeof setup>>['one'];
  /** How many of so many tries were let through. */
  async function passed({ tries }: Console, address: string, times: number): Promise<number> {
    const answers = await Promise.all(Array.from({ length: times }, () => tries.take(address)));
    return answers.filter((refused) => refused === null).length;
  }

  test('an address has five a minute in all consoles together, however many come at once', async () => {
    await using bundle = await setup();
    const { one, two, clock } = bundle;
    const both = await Promise.all([passed(one, 'a', 20), passed(two, 'a', 20)]);
    expect(both[0] + both[1]).toBe(5);
    expect(await two.tries.take('a')).toEqual({
      limit: 'address',
      waitMs: MINUTE_MS,
      first: false,
    });
    expect(await passed(two, 'b', 1)).toBe(1);
    clock.at += MINUTE_MS - 1;
    expect(await one.tries.take('a')).toMatchObject({ waitMs: 1 });
    clock.at += 1;
    expect(await passed(one, 'a', 9)).toBe(5);
  });

  test('and thirty an hour; being refused does not make it longer', async () => {
    await using bundle = await setup();
    const { one, clock } = bundle;
    let allowed = 0;
    for (let minute = 0; minute < 59; minute += 1) {
      allowed += await passed(one, 'a', 20);
      clock.at += MINUTE_MS;
    }
    expect(allowed).toBe(30);
    clock.at += MINUTE_MS;
    expect(await passed(one, 'a', 20)).toBe(5);
  });

  test('the first refusal of a window is told apart from those that follow', async () => {
    await using bundle = await setup();
    const { one, clock } = bundle;
    await passed(one, 'a', 5);
    expect(await one.tries.take('a')).toMatchObject({ first: true });
    expect(await one.tries.take('a')).toMatchObject({ first: false });
    clock.at += MINUTE_MS;
    await passed(one, 'a', 5);
    expect(await one.tries.take('a')).toMatchObject({ first: true });
  });

  test('where many addresses guess, each has three an hour, and one that comes new is still heard', async () => {
    await using bundle = await setup();
    const { one, two, clock } = bundle;
    for (let n = 0; n < 60; n += 1) await passed(n % 2 === 0 ? one : two, `guesser ${n}`, 5);
    expect(await passed(one, 'guesser 1', 1)).toBe(0);
    clock.at += MINUTE_MS;
    expect(await one.tries.take('guesser 1')).toMatchObject({ limit: 'all', first: true });
    expect(await passed(two, 'honest', 20)).toBe(3);
    expect(await two.tries.take('honest')).toMatchObject({ limit: 'all', waitMs: HOUR_MS });
    clock.at += HOUR_MS;
    expect(await passed(one, 'guesser 1', 20)).toBe(5);
  });

  test('the right password wipes the slate of its address, and counts as no guess of all', async () => {
    await using bundle = await setup();
    const { one, two, redis } = bundle;
    await passed(one, 'a', 5);
    await passed(one, 'b', 5);
    await two.tries.succeeded('a');
    expect(await passed(one, 'a', 9)).toBe(5);
    expect(await passed(one, 'b', 9)).toBe(0);
    expect(await redis.hget('{ms1}:console:login-tries:all', 'tries')).toBe('14');
    await redis.flushall();
    await two.tries.succeeded('a');
    expect(await redis.keys('*')).toEqual([]);
  });

  test('no address is in a key, and nothing stays longer than an hour', async () => {
    await using bundle = await setup();
    const { one, redis } = bundle;
    await passed(one, '203.0.113.7', 9);
    const keys = await redis.keys('*');
    expect(keys).toHaveLength(3);
    expect(keys.join(' ')).not.toContain('203');
    for (const key of keys) {
      const ttl = await redis.pttl(key);
      expect(ttl).toBeGreaterThan(0);
      expect(ttl).toBeLessThanOrEqual(HOUR_MS);
    }
  });
});
