import { domainToUnicode } from 'node:url';
import { dnsDomain, foldText } from '@ms1/contracts';

/**
 * Letters that domains may have and that look like others, by what they look like: of Cyrillic, Greek, Armenian and Latin,
 * a selection of Unicode's confusables (UTS 39). Letters with marks lose them before.
 */
const LOOKS: Record<string, string> = {
  a: 'аαɑ',
  b: 'Ьƅ',
  c: 'сϲ',
  d: 'ԁɗ',
  e: 'еҽє',
  g: 'ɡց',
  h: 'һհ',
  k: 'кκĸ',
  l: 'ӏ1|ӀlіιɩıiјϳjI',
  m: 'мʍ',
  n: 'пոη',
  o: 'оοօ0σ',
  p: 'рρ',
  q: 'ԛգ',
  r: 'гɾ',
  s: 'ѕꜱ5',
  t: 'тτ',
  u: 'υսʋ',
  v: 'ѵν',
  w: 'ԝѡωա',
  x: 'хχ',
  y: 'уүγ',
  z: 'ᴢ',
};
const LOOK_OF = new Map(
  Object.entries(LOOKS).flatMap(([look, letters]) =>
    Array.from(letters, (letter): [string, string] => [letter, look]),
  ),
);
/** Two that look like one. */
const PAIRS: [RegExp, string][] = [
  [/rn/g, 'm'],
  [/vv/g, 'w'],
  [/cl/g, 'd'],
];

/** How a domain looks: two that look alike have the same. */
export function lookOf(domain: string): string {
  const read = foldText(domainToUnicode(dnsDomain(domain)) || domain);
  const bare = read.normalize('NFKD').replaceAll(/\p{M}/gu, '');
  const letters = Array.from(bare, (letter) => LOOK_OF.get(letter) ?? letter).join('');
  return PAIRS.reduce((text, [pair, one]) => text.replaceAll(pair, one), letters);
}

/** Shorter names are one edit from one another by chance. */
const EDITED_LENGTH_MIN = 8;

/** By two looks: the same, one edit apart, or the one as the beginning of the other. */
export function readsLike(look: string, other: string): boolean {
  if (look === other || look.startsWith(`${other}.`)) return true;
  return other.length >= EDITED_LENGTH_MIN && isOneEdit(look, other);
}

/** One letter more, less or another, or two neighbours swapped. */
function isOneEdit(one: string, other: string): boolean {
  const [short, long] = one.length <= other.length ? [one, other] : [other, one];
  if (long.length - short.length > 1) return false;
  let at = 0;
  while (at < short.length && short[at] === long[at]) at += 1;
  const rest = long.slice(at + 1);
  if (short.length < long.length) return short.slice(at) === rest;
  const isSwapped = short[at] === long[at + 1] && short[at + 1] === long[at];
  return short.slice(at + 1) === rest || (isSwapped && short.slice(at + 2) === long.slice(at + 2));
}
