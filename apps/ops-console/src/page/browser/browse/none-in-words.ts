import { number } from '../words.ts';

/** Messages that the console looks at for one page. */
const LOOKED = 10_000;

/**
 * What a list says that goes on and whose last pages had nothing to show.
 *
 * @param isBehind there is mail above it
 */
export function noneInWords(pages: number, isBehind: boolean): string {
  const looked = number(pages * LOOKED);
  return isBehind ? `None among the ${looked} before these.` : `None among the latest ${looked}.`;
}
