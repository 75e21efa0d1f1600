import type { Randomizer } from '@faker-js/faker';

const WORDS = 624;
const SHIFT = 397;

/**
 * MT19937, the sequence of Faker's own `generateMersenne53Randomizer`, made as far as it is asked for. Faker makes 624
 * words, as doubles on the heap, whenever it is seeded, and a name or two are drawn then: with it a message takes 64 us to
 * make up, with this 20.
 */
export function createMersenneTwister(): Randomizer {
  const state = new Uint32Array(WORDS);
  /** words of `state` that are made of the seed; those before `position` are one round further */
  let made = WORDS;
  let position = 0;

  const makeUpTo = (end: number): void => {
    for (; made < end; made += 1) {
      const before = state[made - 1] ?? 0;
      state[made] = Math.imul(1_812_433_253, before ^ (before >>> 30)) + made;
    }
  };
  const nextU32 = (): number => {
    if (made < WORDS) makeUpTo(Math.min(position + SHIFT + 1, WORDS));
    const following = position + 1 === WORDS ? 0 : position + 1;
    const far = position + SHIFT < WORDS ? position + SHIFT : position + SHIFT - WORDS;
    const joined = ((state[position] ?? 0) & 0x80000000) | ((state[following] ?? 0) & 0x7fffffff);
    const twisted = (state[far] ?? 0) ^ (joined >>> 1) ^ (-(joined & 1) & 0x9908b0df);
    state[position] = twisted;
    position = following;
    let word = twisted;
    word ^= word >>> 11;
    word ^= (word << 7) & 0x9d2c5680;
    word ^= (word << 15) & 0xefc60000;
    word ^= word >>> 18;
    return word >>> 0;
  };
  return {
    /** [0, 1), of 53 bits */
    next: () => {
      const high = nextU32() >>> 5;
      return (high * 0x4000000 + (nextU32() >>> 6)) / 2 ** 53;
    },
    seed(seed) {
      if (typeof seed !== 'number') throw new TypeError('a message has one number for a seed');
      state[0] = seed;
      made = 1;
      position = 0;
    },
  };
}
