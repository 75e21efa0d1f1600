import { createRequire } from 'node:module';
import { describe, expect, test } from '@jest/globals';
import * as bullmq from 'bullmq';
import { batchLua } from './batch-lua.ts';
import { VERIFIED_VERSIONS } from './choose-driver.ts';
import { detachedNames } from './detached-names.ts';
import { ADD_PLAIN, ADD_SCRIPTS, ROW_SCRIPTS, SETTLE_SCRIPTS } from './row-scripts.ts';
import { splitScript, wrapScript, wrapWhole } from './wrap-script.ts';

const require = createRequire(import.meta.url);
const { version } = require('bullmq/package.json') as { version: string };

/** The scripts of the installed BullMQ, as it would define them on a connection. */
function installedScript(name: string): string {
  const scripts = require(
    require.resolve('bullmq').replace(/index\.js$/, 'scripts/index.js'),
  ) as Record<string, { name: string; content: string; keys: number }>;
  const script = Object.values(scripts).find((candidate) => candidate.name === name);
  if (!script) throw new Error(`BullMQ has no script ${name}`);
  return script.content;
}

describe(`BullMQ ${version}, as installed`, () => {
  test('is a version on which the scripts are used', () => {
    expect(VERIFIED_VERSIONS).toContain(version);
    expect(bullmq.RedisQueueBackend).toBeDefined();
  });

  test.each([...SETTLE_SCRIPTS, ...ADD_SCRIPTS, 'moveToActive'])(
    '%s keeps its include functions apart from the locals of its body',
    (name) => {
      const { functions, body } = splitScript(installedScript(name));
      expect(detachedNames(functions)).toEqual([]);
      expect(functions).toMatch(/function/);
      expect(body).not.toMatch(/^local function/m);
      expect(wrapScript('run', installedScript(name))).not.toBe(
        wrapWhole('run', installedScript(name)),
      );
    },
  );

  test.each([
    ['settling', { rows: SETTLE_SCRIPTS, fetch: false }],
    ['fetching', { rows: [], fetch: true }],
    ['handing over plain jobs', { rows: ['moveToFinished', ADD_PLAIN], fetch: false }],
    ['all of it', { rows: ROW_SCRIPTS, fetch: true }],
  ] as const)('a run for %s declares every name that it reads', (_, needs) => {
    expect(detachedNames(batchLua(installedScript, needs))).toEqual([]);
  });

  test('calls that are made once a run stand where they were read', () => {
    const calls = (name: string, command: string): string[] =>
      splitScript(installedScript(name))
        .functions.split('\n')
        .filter((line) => line.includes(`"${command}"`))
        .map((line) => line.trim());
    expect(calls('moveToActive', 'HMGET')).toEqual([
      'local queueAttributes = rcall("HMGET", queueMetaKey, "paused", "concurrency", "max", "duration")',
    ]);
    expect(calls('moveToActive', 'ZRANGEBYSCORE')).toHaveLength(1);
    expect(calls('moveToActive', 'ZADD').filter((line) => line.includes('markerKey'))).toEqual([
      'rcall("ZADD", markerKey, 0, "0")',
    ]);
    const metaReads = calls('moveToFinished', 'HGET').filter((line) => line.includes('metaKey'));
    // The first two are collectMetrics', whose metaKey is the metrics' own: another key, so another call.
    expect(metaReads).toEqual([
      'local prevTS = rcall("HGET", metaKey, "prevTS")',
      'local delta = count - rcall("HGET", metaKey, "prevCount")',
      'local maxEvents = rcall("HGET", metaKey, "opts.maxLenEvents")',
    ]);
    expect(calls('moveToFinished', 'XTRIM').every((line) => line.includes('"MAXLEN", "~"'))).toBe(
      true,
    );
  });
});

describe('negative control', () => {
  const leaky =
    'local rcall = redis.call\nlocal key = KEYS[1]\nlocal function f()\n  return rcall("GET", key)\nend\nreturn f()';

  test('an include that reads a local of the body is found', () => {
    expect(detachedNames(splitScript(leaky).functions)).toEqual(['key']);
  });

  test('and such a script is wrapped whole', () => {
    expect(wrapScript('run', leaky)).toBe(wrapWhole('run', leaky));
  });
});
