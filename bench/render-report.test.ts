import { describe, expect, test } from '@jest/globals';

import { renderReport } from './render-report.ts';

describe('renderReport', () => {
  test('says which bounds hold: at most and at least, both with the bound itself', () => {
    const check = (value: number, bound: { max: number } | { min: number }) => ({
      what: 'figure',
      value,
      bound,
    });
    const checks = [
      check(1, { max: 1 }),
      check(1.01, { max: 1 }),
      check(1, { min: 1 }),
      check(0.99, { min: 1 }),
      check(Number.NaN, { min: 1 }),
    ];
    const lines = renderReport('T', { notes: [], tables: [], checks, raw: null }).split('\n');
    expect(lines.filter((line) => line.startsWith('| figure | ')).slice(1)).toEqual([
      '| figure | 1 | <= 1 | yes |',
      '| figure | 1.01 | <= 1 | **no** |',
      '| figure | 1 | >= 1 | yes |',
      '| figure | 0.99 | >= 1 | **no** |',
      '| figure | NaN | >= 1 | **no** |',
    ]);
  });

  test('is Markdown: a heading, notes, a table of as many columns as it has', () => {
    const table = { title: 'Rates', columns: ['', 'a', 'b'], rows: [['x', 1, '2 / 3']] };
    const text = renderReport('Title', {
      notes: ['A note.'],
      tables: [table],
      checks: [],
      raw: null,
    });
    expect(text).toBe(
      '## Title\n\nA note.\n\n**Rates**\n\n|  | a | b |\n|---|--:|--:|\n| x | 1 | 2 / 3 |\n',
    );
  });
});
