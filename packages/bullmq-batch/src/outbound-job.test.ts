import { expect, test } from '@jest/globals';

import { hashTag, shareScriptRun } from './outbound-job.ts';
import type { ScriptClient } from './script-client.ts';

const client = (isCluster: boolean, options: Record<string, unknown>): ScriptClient =>
  ({ isCluster, options }) as unknown as ScriptClient;

test.each([
  ['{ms1}:inbound', 'ms1'],
  ['a{b}c{d}', 'b'],
  ['plain:inbound', 'plain:inbound'],
])('the hash tag of %s is %s', (key, tag) => {
  expect(hashTag(key)).toBe(tag);
});

test('on one Redis any two queues share a script run, on two none do', () => {
  const here = { client: client(false, { host: 'a', port: 1, db: 0 }), qualifiedName: 'x:in' };
  expect(
    shareScriptRun(here, {
      client: client(false, { host: 'a', port: 1, db: 0 }),
      qualifiedName: 'y:out',
    }),
  ).toBe(true);
  expect(
    shareScriptRun(here, {
      client: client(false, { host: 'a', port: 1, db: 1 }),
      qualifiedName: 'x:in',
    }),
  ).toBe(false);
  expect(
    shareScriptRun(here, {
      client: client(false, { host: 'b', port: 1, db: 0 }),
      qualifiedName: 'x:in',
    }),
  ).toBe(false);
});

test('in a Cluster only queues of one hash tag do', () => {
  const here = { client: client(true, {}), qualifiedName: '{a}:in' };
  expect(shareScriptRun(here, { client: client(true, {}), qualifiedName: '{a}:out' })).toBe(true);
  expect(shareScriptRun(here, { client: client(true, {}), qualifiedName: '{b}:out' })).toBe(false);
});
