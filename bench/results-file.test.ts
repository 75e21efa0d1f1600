import { describe, expect, test } from '@jest/globals';

import { withSection } from './results-file.ts';

describe('withSection', () => {
  const two = withSection(withSection('# Results\n', 'a', 'old a\n'), 'b', 'old b\n');

  test('replaces its own section where it stands, and leaves the others alone', () => {
    const text = withSection(two, 'a', 'new a\n');
    expect(text).toBe(two.replace('old a', 'new a'));
    expect(text).toContain('old b');
  });

  test('appends what was not there', () => {
    expect(withSection(two, 'c', 'c\n')).toBe(`${two}\n<!-- c -->\nc\n<!-- /c -->\n`);
  });

  test('written twice it is there once', () => {
    expect(withSection(two, 'b', 'old b\n')).toBe(two);
  });
});
