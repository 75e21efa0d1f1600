import { describe, expect, test } from '@jest/globals';

import type { ChaosRow } from './chaos-row.ts';
import { parseOptions } from './options.ts';
import { drawRows } from './run/draw-rows.ts';

const row = (id: string): ChaosRow => ({
  id,
  about: id,
  recoveryMs: 1_000,
  inject: () => Promise.resolve(''),
});
const ROWS = ['P1', 'P2', 'R1b'].map(row);

describe('the command line', () => {
  test('says which seeds, how many messages and which rows', () => {
    expect(parseOptions(['--seed', '3..5', '--only', 'r1b, P1'], ROWS)).toMatchObject({
      seeds: [3, 4, 5],
      messages: 2_000,
      lastsMs: 0,
      only: [{ id: 'R1b' }, { id: 'P1' }],
    });
    expect(parseOptions(['--minutes', '2'], ROWS).lastsMs).toBe(120_000);
  });

  test.each([
    [['--seed', '5..3'], /--seed must be a number from 1, or two like 1\.\.20, not "5\.\.3"/],
    [['--messages', '0'], /--messages must be a whole number from 1 to/],
    [['--only', 'P1,X9'], /there is no row X9; "npm run chaos -- --list" has them all/],
    [['--json', '/no/such/folder/file'], /its folder cannot be written to/],
    [['--fast'], /Unknown option '--fast': "npm run chaos -- --help" lists the options/],
  ])('%j is refused by name and with what to do', (args, sentence) => {
    expect(() => parseOptions(args, ROWS)).toThrow(sentence);
  });
});

describe('the rows of a seed', () => {
  const matrix = Array.from({ length: 73 }, (_, index) => row(`X${index}`));
  const drawn = (seed: number, messages = 10_000) =>
    drawRows(matrix, { seed, messages }).map(({ id }) => id);

  test('are always the same, and all of the matrix in 20 seeds', () => {
    expect(drawn(7)).toEqual(drawn(7));
    expect(drawn(7)).not.toEqual(drawn(8));
    const all = new Set(Array.from({ length: 20 }, (_, index) => drawn(index + 1)).flat());
    expect(all.size).toBe(matrix.length);
  });

  test('are fewer where there is little mail', () => {
    expect(drawn(7)).toHaveLength(4);
    expect(drawn(7, 2_000)).toEqual(drawn(7).slice(0, 2));
  });
});
