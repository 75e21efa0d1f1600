import { describe, expect, test } from '@jest/globals';

import { gatherRounds } from './gather-rounds.ts';

const AT_ONCE = async (): Promise<void> => undefined;

describe('gatherRounds', () => {
  test('does as one what is in hand at once, and gives each caller its own result', async () => {
    const rounds: number[] = [];
    const double = gatherRounds<number, number>(async (inputs) => {
      rounds.push(inputs.length);
      return inputs.map((input) => input * 2);
    }, AT_ONCE);
    expect(await Promise.all([1, 2, 3].map(double))).toEqual([2, 4, 6]);
    expect(await double(4)).toBe(8);
    expect(rounds).toEqual([3, 1]);
  });

  test('fails every caller of a round that failed, and no caller of the next', async () => {
    let down = true;
    const work = gatherRounds<string, string>(async (inputs) => {
      if (down) throw new Error('no Redis');
      return inputs;
    }, AT_ONCE);
    const round = await Promise.allSettled([work('a'), work('b')]);
    expect(round.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    down = false;
    await expect(work('a')).resolves.toBe('a');
  });
});
