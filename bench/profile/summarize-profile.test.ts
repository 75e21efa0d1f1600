import { describe, expect, test } from '@jest/globals';

import { type CpuProfile, summarizeProfile } from './summarize-profile.ts';

const node = (id: number, functionName: string, url: string, children: number[] = []) => ({
  id,
  callFrame: { functionName, url, lineNumber: 9 },
  children,
});

/** (root) > main > parse > main > stringify, and the collector and idle time beside them; samples of 1 ms. */
const profile = (samples: readonly number[]): CpuProfile => ({
  nodes: [
    node(1, '(root)', '', [2, 6, 7]),
    node(2, 'main', 'file:///x/apps/poller/src/main.ts', [3]),
    node(3, 'parse', 'file:///x/node_modules/@scope/zod/lib/parse.js', [4]),
    node(4, 'main', 'file:///x/apps/poller/src/main.ts', [5]),
    node(5, 'stringify', ''),
    node(6, '(garbage collector)', ''),
    node(7, '(idle)', ''),
  ],
  startTime: 1_000_000,
  samples,
  timeDeltas: samples.map(() => 1_000),
});

const lines = (text: string, title: string): string[] => {
  const all = text.split('\n');
  const from = all.indexOf(`${title}:`) + 1;
  const length = all.slice(from).findIndex((line) => !line.startsWith('  '));
  return all.slice(from, length < 0 ? all.length : from + length).map((line) => line.trim());
};

describe('summarizeProfile', () => {
  // 2 ms main, 4 ms parse, 1 ms stringify, 3 ms collector, 30 ms idle: 10 ms busy.
  const busy = [2, 4, 3, 3, 3, 3, 5, 6, 6, 6];
  const text = summarizeProfile(profile([...busy, ...Array<number>(30).fill(7)]), 'poller', 0);

  test('takes shares of the time that was not idle', () => {
    expect(text.split('\n')[0]).toBe('poller: 0.01 s busy');
    expect(lines(text, 'by function')).toEqual([
      '40.0 %  parse  node_modules/@scope/zod/lib/parse.js:10',
      '30.0 %  (garbage collector)',
      '20.0 %  main  apps/poller/src/main.ts:10',
      '10.0 %  stringify',
    ]);
  });

  test('adds up by package, by workspace, and by what V8 does itself', () => {
    expect(lines(text, 'by place')).toEqual([
      '40.0 %  @scope/zod',
      '30.0 %  (garbage collector)',
      '20.0 %  apps/poller',
      '10.0 %  native',
    ]);
  });

  test('counts a function with all that it calls, and one that calls itself once', () => {
    expect(lines(text, 'by function, with what it calls')).toEqual([
      '70.0 %  main  apps/poller/src/main.ts:10',
      // 4 ms of its own, 1 ms each of the main and the stringify below it.
      '60.0 %  parse  node_modules/@scope/zod/lib/parse.js:10',
    ]);
  });

  test('leaves out what was before the load', () => {
    const late = summarizeProfile(profile([2, 2, 2, 2, 6]), 'poller', 1_005_000);
    expect(lines(late, 'by function')).toEqual(['100.0 %  (garbage collector)']);
  });
});
