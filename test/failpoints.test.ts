import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { FAILPOINTS } from '@ms1/runtime';

import { root, sourcesOf } from './workspaces.ts';

const passed = ['apps', 'packages']
  .flatMap((folder) => sourcesOf(join(root, folder)))
  .filter((file) => /[\\/]src[\\/]/.test(file) && !file.endsWith('.test.ts'))
  .flatMap((file) => [...readFileSync(file, 'utf8').matchAll(/\bfailpoint\('([^']+)'\)/g)])
  .map(([, name]) => name);

describe('failpoints', () => {
  test('are each passed in one place', () => {
    expect(passed).toHaveLength(FAILPOINTS.length);
    expect(new Set(passed)).toEqual(new Set(FAILPOINTS));
  });

  test('are those of docs/failpoints.md', () => {
    const page = readFileSync(join(root, 'docs', 'failpoints.md'), 'utf8');
    const rows = [...page.matchAll(/^\| `([^`]+)`/gm)].map(([, name]) => name);
    expect(rows).toEqual([...FAILPOINTS]);
  });
});
