import { generateMersenne53Randomizer } from '@faker-js/faker';
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import { createMersenneTwister } from './mersenne-twister.ts';
import { mixSeed } from './random.ts';

const draw = (randomizer: { next(): number }, count: number) =>
  Array.from({ length: count }, () => randomizer.next());

describe('createMersenneTwister', () => {
  test('gives the sequence that Faker gives for any seed, over several rounds of its state', () => {
    const ours = createMersenneTwister();
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffffff }), (seed) => {
        ours.seed(seed);
        expect(draw(ours, 1_000)).toEqual(draw(generateMersenne53Randomizer(seed), 1_000));
      }),
      { numRuns: 50 },
    );
  });

  test('is seeded anew wherever it was', () => {
    const ours = createMersenneTwister();
    for (const drawn of [0, 1, 113, 114, 311, 312, 313, 700]) {
      ours.seed(mixSeed(1, drawn));
      draw(ours, drawn);
      ours.seed(42);
      expect(draw(ours, 3)).toEqual(draw(generateMersenne53Randomizer(42), 3));
    }
  });
});
