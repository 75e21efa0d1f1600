import type { ChaosRow } from '../chaos-row.ts';
import { Dice } from '../dice.ts';

/** So many seeds in a row have every row of the matrix at least once. */
const SEEDS_OF_A_MATRIX = 20;

/** Each fault has so many messages, or it has none to do anything to. */
const MESSAGES_A_ROW = 1_000;

/**
 * The rows of a seed: its share of the matrix, so that any 20 seeds from 1, 21, 41 ... on have all of it, and each seed
 * alone always the same rows in the same order. A run of few messages takes the first of them.
 */
export function drawRows(
  rows: readonly ChaosRow[],
  { seed, messages }: { seed: number; messages: number },
): ChaosRow[] {
  const deal = Math.floor(Math.max(0, seed - 1) / SEEDS_OF_A_MATRIX);
  const place = Math.max(0, seed - 1) % SEEDS_OF_A_MATRIX;
  const shuffled = new Dice(deal + 1).shuffle(rows);
  const share = Math.ceil(rows.length / SEEDS_OF_A_MATRIX);
  const dealt = shuffled.filter((_, index) => index % SEEDS_OF_A_MATRIX === place);
  // The last seeds of a deal that does not come out even take what others have as well.
  const more = new Dice(seed).shuffle(shuffled.filter((row) => !dealt.includes(row)));
  const enough = Math.max(1, Math.floor(messages / MESSAGES_A_ROW));
  return [...dealt, ...more.slice(0, share - dealt.length)].slice(0, enough);
}
