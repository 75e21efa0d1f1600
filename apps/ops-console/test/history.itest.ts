import { describe, expect, test } from '@jest/globals';
import { defineScript } from '@ms1/redis';
import { openRedis } from '@ms1/testkit';

import { ADD_LUA } from '../src/history/history.lua.ts';
import { HISTORY_RANGES, type HistoryRange, reachOf } from '../src/history/history-ranges.ts';
import { type BegunSample, HistoryStore, type Sample } from '../src/history/history-store.ts';
import { recordSample } from '../src/history/record-history.ts';
import { consoleBundle as setup, TOKENS } from './console-bundle.ts';

const [SECOND, HOUR, DAY] = [1_000, 3_600_000, 86_400_000];
/** The beginning of a bucket of every range. */
const START = Date.UTC(2026, 0, 1);
const NOTHING = { queued: 0, prepared: 0, delivered: 0, skipped: 0, dead: 0 };
const EMPTY = {
  noticed: null,
  prepared: null,
  delivered: null,
  inbound: null,
  outbound: null,
  walkedSecondsAgo: null,
  staleMailboxes: null,
  deadLetters: null,
};

function aSample(delivered: number, seen: Partial<Sample> = {}): Sample {
  return {
    totals: { ...NOTHING, delivered },
    inbound: 0,
    outbound: 0,
    walkedSecondsAgo: 30,
    staleMailboxes: 0,
    deadLetters: 0,
    ...seen,
  };
}

/** Its numbers are longer than any that are counted. */
const LONGEST = { inbound: 1e15, outbound: 1e15, deadLetters: 1e15, staleMailboxes: 1e5 };

/**
 * Two consoles at one Redis, in a time of their own.
 *
 * @param script what adds a sample, where it is not the one that is in use
 */
async function setUpConsoles(opened: Awaited<ReturnType<typeof openRedis>>, script = ADD_LUA) {
  const clock = { at: START };
  const clients = [opened.connect(), opened.connect()];
  const [one, two] = clients.map((redis) => {
    const store = new HistoryStore(redis, { time: () => clock.at });
    defineScript(redis, 'ms1HistoryAdd', script);
    return store;
  }) as [HistoryStore, HistoryStore];
  const { redis } = opened;
  await redis.flushall();
  return {
    clock,
    one,
    two,
    redis,
    add: async (delivered: number, seen: Partial<Sample> = {}) =>
      one.add(await one.begin(), aSample(delivered, seen)),
    /** what is known of a range, by how many ms after the start it began */
    known: async (range: HistoryRange, points?: number) => {
      const { buckets } = await one.read(range, points ? { points } : {});
      const looked = buckets.filter(({ deadLetters }) => deadLetters !== null);
      return new Map(looked.map(({ at, ...figures }) => [at - START, figures]));
    },
  };
}

/** The script without a part of it. */
function without(part: string): string {
  expect(ADD_LUA).toContain(part);
  return ADD_LUA.replace(part, '');
}

describe('history', () => {
  test('keeps the mean of rates, the most of what waits and the last of dead letters', async () => {
    await using opened = await openRedis();
    const { clock, add, known } = await setUpConsoles(opened);
    await add(100, { inbound: 7, deadLetters: 9, staleMailboxes: 2, walkedSecondsAgo: null });
    clock.at += 5 * SECOND;
    await add(150, { inbound: 3, outbound: 40, deadLetters: 4, walkedSecondsAgo: 12 });
    const rest = { outbound: 40, staleMailboxes: 2, walkedSecondsAgo: 12, deadLetters: 4 };
    const rates = { noticed: 10, prepared: 10, delivered: 10 };
    const figures = { ...rates, ...rest, inbound: 7 };
    expect(await known('hour')).toEqual(new Map([[0, figures]]));
    clock.at += 5 * SECOND;
    await add(150);
    const hour = await known('hour');
    expect(hour.get(10 * SECOND)).toMatchObject({ delivered: 0, inbound: 0, deadLetters: 0 });
    const day = { ...figures, noticed: 5, prepared: 5, delivered: 5, walkedSecondsAgo: 30 };
    expect(await known('day')).toEqual(new Map([[0, { ...day, deadLetters: 0 }]]));
    // Buckets that are put together say the same as a longer one.
    const [together] = (await known('hour', 1)).values();
    expect(together).toEqual({ ...day, deadLetters: 0 });
  });

  test('takes no more room after 40 days than after 35; control: without its ring it does', async () => {
    await using opened = await openRedis();
    const keep = async (script?: string) => {
      const { clock, add, redis, one } = await setUpConsoles(opened, script);
      const sizes = async () => {
        const ranges = Object.keys(HISTORY_RANGES) as HistoryRange[];
        const keys = ranges.map((range) => `{ms1}:history:${range}`);
        const bytes = await Promise.all(
          [...keys, '{ms1}:history:last'].map(
            async (key) => (await redis.memory('USAGE', key, 'SAMPLES', 0)) ?? 0,
          ),
        );
        const fields = await Promise.all(keys.map((key) => redis.hlen(key)));
        return { fields, bytes: bytes.reduce((sum, n) => sum + n, 0) };
      };
      const walk = async (until: number, everyMs: number) => {
        for (; clock.at < until; clock.at += everyMs) await add(0, LONGEST);
      };
      const end = START + 35 * DAY;
      await walk(end - DAY, 3 * HOUR);
      await walk(end - HOUR, 5 * 60 * SECOND);
      await walk(end, 10 * SECOND);
      const full = await sizes();
      await walk(end + 5 * DAY - HOUR, 3 * HOUR);
      await walk(end + 5 * DAY, 10 * SECOND);
      clock.at -= 1;
      return { full, after: await sizes(), buckets: (await one.read('month')).buckets };
    };
    const { full, after, buckets } = await keep();
    expect(full.fields).toEqual([360, 288, 280]);
    expect(after.fields).toEqual(full.fields);
    // docs/redis-keys.md has the number.
    expect(after.bytes).toBeLessThan(100_000);
    expect(buckets).toHaveLength(280);
    expect(buckets.filter(({ deadLetters }) => deadLetters === null)).toEqual([]);
    const control = await keep(without(' % buckets'));
    expect(control.after.fields[0]).toBeGreaterThan(360);
    expect(control.after.bytes).toBeGreaterThan(control.full.bytes);
  });

  test('shows a gap as a gap, and no rush after it; control: what came in a gap is a rush', async () => {
    await using opened = await openRedis();
    const gap = async (script?: string) => {
      const { clock, add, known } = await setUpConsoles(opened, script);
      await add(0);
      clock.at += 5 * SECOND;
      await add(5);
      clock.at = START + 60 * SECOND;
      await add(6_005);
      clock.at += 5 * SECOND;
      await add(6_010);
      return known('hour');
    };
    const hour = await gap();
    expect([...hour.keys()]).toEqual([0, 60 * SECOND]);
    expect(hour.get(60 * SECOND)).toMatchObject({ delivered: 1 });
    const control = await gap(without(' and ms <= tonumber(ARGV[3])'));
    expect(control.get(60 * SECOND)?.delivered).toBeGreaterThan(50);
  });

  test('knows nothing of a Redis that came back empty, and goes on from there', async () => {
    await using opened = await openRedis();
    const { clock, add, known, one, redis } = await setUpConsoles(opened);
    await add(1_000);
    clock.at += 5 * SECOND;
    await redis.flushall();
    const { buckets } = await one.read('hour');
    expect(buckets).toHaveLength(360);
    for (const { at: _, ...figures } of buckets) expect(figures).toEqual(EMPTY);
    await add(0);
    expect((await known('hour')).get(0)).toMatchObject({ delivered: null, inbound: 0 });
    clock.at += 5 * SECOND;
    await add(10);
    expect((await known('hour')).get(10 * SECOND)).toMatchObject({ delivered: 2 });
  });

  test('counts once what two consoles see, the slower one too; control: unguarded it counts twice', async () => {
    await using opened = await openRedis();
    const race = async (script?: string) => {
      const { clock, one, two, known } = await setUpConsoles(opened, script);
      const both = async (slow: number, quick: number): Promise<[BegunSample, BegunSample]> => {
        const begun: [BegunSample, BegunSample] = [await one.begin(), await two.begin()];
        await two.add(begun[1], aSample(quick));
        await one.add(begun[0], aSample(slow));
        return begun;
      };
      await both(100, 100);
      clock.at += 4 * SECOND;
      // The slower one read before 40 more were delivered, and is heard after the other.
      await both(100, 140);
      clock.at += 4 * SECOND;
      await both(140, 140);
      return (await known('hour')).get(0)?.delivered;
    };
    expect(await race()).toBe(5);
    expect(await race(without('if last ~= ARGV[1] then return 0 end'))).toBe(10);
  });

  test('is read by readers, over a range or from a moment on, as the consoles saw it', async () => {
    await using bundle = await setup();
    const { history, ledger, sampler, clock, inbound } = bundle;
    // A look that is under way would be everybody's.
    await sampler.overview();
    clock.at += SECOND;
    await inbound.addBulk([1, 2, 3].map((n) => ({ name: 'x', data: { n } })));
    await recordSample({ history, ledger, sampler });
    const headers = { authorization: `Bearer ${TOKENS.reader}` };
    const get = async (query: string) => {
      const { status, text } = await bundle.request(`/api/history${query}`, { headers });
      const body = JSON.parse(text) as {
        range: string;
        now: string;
        stepSeconds: number;
        buckets: { inbound: number | null }[];
      };
      return { status, ...body };
    };
    const hour = await get('');
    expect(hour).toMatchObject({ status: 200, range: 'hour', stepSeconds: 10 });
    expect(hour.buckets.flatMap((one) => one.inbound ?? [])).toEqual([3]);
    const now = Date.parse(hour.now);
    for (const range of ['hour', 'day', 'month'] as const) {
      const from = new Date(now - reachOf(range) / 2).toISOString();
      const found = await get(`?from=${encodeURIComponent(from)}`);
      expect([found.range, found.buckets.at(-1)?.inbound]).toEqual([range, 3]);
      const half = HISTORY_RANGES[range].buckets / 2;
      expect(Math.abs(found.buckets.length - half)).toBeLessThanOrEqual(2);
    }
    const before = new Date(now - 2 * HOUR).toISOString();
    expect(await get(`?from=2020-01-01T00:00:00Z&to=${before}`)).toMatchObject({ range: 'month' });
    expect(await get('?range=year')).toMatchObject({ status: 400 });
  });
});
