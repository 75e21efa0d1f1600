import { isDeepStrictEqual } from 'node:util';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';

import { redisForFile } from './batch-bundle.ts';
import { history, type Step } from './plain-history.ts';
import { Side } from './plain-side.ts';

const server = redisForFile();

/** The run without its plain ways: every job by BullMQ's own scripts. */
function withoutPlainWays(lua: string): string {
  const cut = lua
    .replace('local plain = {', 'local plain = {} or {')
    .replace('local jobs = fetchPlainly(max) or {}', 'local jobs = {}');
  expect(cut === lua).toBe(false);
  return cut;
}

let now = 1_700_000_000_000;
let sides = 0;
beforeEach(() => {
  jest.spyOn(Date, 'now').mockImplementation(() => now);
});
afterEach(() => {
  jest.restoreAllMocks();
});

/** The first step after which the two sides differ, and how; null when they never do. */
async function firstDifference(
  steps: readonly Step[],
  edit: (lua: string) => string,
  lean = false,
): Promise<unknown> {
  sides += 1;
  const { url } = server.get();
  await using ours = new Side(url, `{p${sides}}:a`, { lean, edit });
  await using theirs = new Side(url, `{p${sides}}:b`, { lean: false, edit: withoutPlainWays });
  await Promise.all([ours.ready(), theirs.ready()]);
  for (const [i, step] of steps.entries()) {
    now += 10;
    const said = [await ours.live(step), await theirs.live(step)];
    const left = [await ours.dump(), await theirs.dump()];
    const [a, b] = [
      { said: said[0], left: lean ? withoutEvents(left[0]) : left[0] },
      { said: said[1], left: lean ? withoutEvents(left[1]) : left[1] },
    ];
    if (!isDeepStrictEqual(a, b)) return { after: i, step, ours: a, theirs: b };
  }
  return null;
}

const withoutEvents = (left: Record<string, unknown> = {}): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(left)
      .filter(([key]) => !key.endsWith(':events'))
      .map(([key, value]) => [key, key.endsWith(':meta') ? null : value]),
  );

const unchanged = (lua: string): string => lua;

describe('jobs that are carried out at once leave behind what they leave one by one', () => {
  test.each([
    ['all of them plain', 0],
    ['a few odd ones', 0.04],
    ['many odd ones', 0.25],
  ])('every key, list, event and answer, %s', async (_, oddity) => {
    for (let seed = 1; seed <= 12; seed += 1) {
      expect(await firstDifference(history(seed, 60, oddity), unchanged)).toBeNull();
    }
  });

  test('and nothing but events is missing where jobs are lean', async () => {
    for (let seed = 1; seed <= 6; seed += 1) {
      expect(await firstDifference(history(seed, 60, 0.04, true), unchanged, true)).toBeNull();
    }
  });
});

describe('negative control: each of these is noticed', () => {
  test.each([
    ['the counter of jobs', "redis.call('INCRBY', K(4), n)", "redis.call('INCRBY', K(4), 1)"],
    ['the set of stalled jobs', "many('SREM', ids, K(5))", ''],
    ['what other batches hold', "many('RPUSH', others, active)", ''],
    ['the order of waiting jobs', 'many(push, ids, wait)', "many('RPUSH', ids, wait)"],
    ['how often a job was started', "'ats', starts[i], 'pb'", "'ats', 1, 'pb'"],
    ['the marker', "if not maxed then redis.call('ZADD', K(9), 0, '0') end", ''],
    [
      'a lock that is not ours',
      'if not holdsAll(locks, tokens) then return false end\n  if bare',
      'if bare',
    ],
    ['children', "many('EXISTS', company) > 0", 'false'],
    ['an id that is there', "if many('EXISTS', keys) > 0 then return false end", ''],
    ['a job that killed a worker', "field == 'stc' or field == 'defa'", "field == 'defa'"],
    [
      'a queue that is paused',
      'if attributes[1] or attributes[2] or attributes[3] then return end',
      '',
    ],
    ['a delayed job that is due', 'if #due > 0 then return end', ''],
    ['the event of a drained queue', "redis.call('XADD', events, '*', 'event', 'drained')", ''],
  ])('%s', async (_, text, instead) => {
    const broken = (lua: string): string => lua.replace(text, instead);
    const found: unknown[] = [];
    for (let seed = 1; seed <= 12 && found.length === 0; seed += 1) {
      for (const oddity of [0.1, 0]) {
        const difference = await firstDifference(history(seed, 60, oddity), broken);
        if (difference !== null) found.push(difference);
      }
    }
    expect(found).not.toEqual([]);
  });

  test('a lean queue whose job has a deduplication id all the same', async () => {
    const broken = (lua: string): string => lua.replace('  if bare then', '  if not tells then');
    let found: unknown = null;
    for (let seed = 1; seed <= 12 && found === null; seed += 1) {
      found = await firstDifference(history(seed, 60, 0.25, true), broken, true);
    }
    expect(found).not.toBeNull();
  });
});
