import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

import { root } from './workspaces.ts';

const page = readFileSync(join(root, 'docs', 'architecture.md'), 'utf8');
const steps = [...page.matchAll(/^\| +\d+ \| `(?<file>[^`]+)` +\| `(?<name>\w+)` +\|$/gm)].map(
  ({ groups: { file = '', name = '' } = {} }) => ({ file, name }),
);

/** Whether a file declares a function, a method or a constant of that name. */
function declares(source: string, name: string): boolean {
  return new RegExp(
    `(?:function|const) ${name}\\b|^ +(?:async )?#?${name}(?:<\\w+>)?(?:\\(|: (?:async )?\\()`,
    'm',
  ).test(source);
}

describe('the walks of docs/architecture.md', () => {
  test('are three', () => {
    expect(page.match(/^\| +1 \|/gm)).toHaveLength(3);
    expect(steps.length).toBeGreaterThan(30);
  });

  test.each(steps)('$file: $name is there', ({ file, name }) => {
    expect(existsSync(join(root, file))).toBe(true);
    expect(declares(readFileSync(join(root, file), 'utf8'), name)).toBe(true);
  });

  test('would miss what is not there', () => {
    expect(declares('await producer.notice(messages)', 'notice')).toBe(false);
  });
});
