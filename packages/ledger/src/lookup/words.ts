/** What of a message people remember: it is found by the words of all of it alike. */
export interface Remembered {
  subject: string | null;
  /** name of From */
  senderName?: string | null | undefined;
  /** address of From */
  sender: string | null;
  /** names of its files, those that are shown in its text left out */
  files?: readonly string[] | undefined;
}

/** A word of a question, and what it may stand for: found where all words of one of these are. */
export interface Term {
  text: string;
  any: readonly (readonly string[])[];
}

/** Of each place, the words after which hardly anybody remembers one: each is an entry. */
const SUBJECT_MAX = 12;
const SENDER_MAX = 6;
const FILES_MAX = 8;
/** A digit or letter by itself, and two letters such as those of `of` and `AG`, are in too much mail. */
const TOO_SHORT = /^(?:.|[a-z]{2})$/u;

/** Of a file: it tells nobody apart. */
const ENDING = /\.(?:pdf|xml|zip|docx?|xlsx?|csv|txt|eml|msg|jpe?g|png|tiff?|p7[ms])$/i;

/** Letters that are no other letter with a mark, as people without them on their keyboard write them. */
const SPELLED: Record<string, string> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ı: 'i',
};

/** The words of a message, each once. */
export function wordsOf({ subject, senderName, sender, files = [] }: Remembered): string[] {
  const [, domain = ''] = (sender ?? '').split('@');
  const names = files.map((name) => name.replace(ENDING, ''));
  return [
    ...new Set([
      ...firstOf(compoundsOf(subject ?? '').flatMap(indexed), SUBJECT_MAX),
      ...firstOf(
        [...wordsOfDomain(domain), ...compoundsOf(senderName ?? '').flatMap(indexed)],
        SENDER_MAX,
      ),
      ...firstOf(names.flatMap(compoundsOf).flatMap(indexed), FILES_MAX),
    ]),
  ];
}

/** The words of a question in which there is something to look for. */
export function termsOf(text: string): Term[] {
  const terms = compoundsOf(text).flatMap((compound) => {
    const any = meaningsOf(compound.replace(ENDING, ''));
    return any.length > 0 ? [{ text: compound, any }] : [];
  });
  return [...new Map(terms.map((term) => [term.text, term])).values()];
}

const firstOf = (words: readonly string[], max: number): string[] =>
  [...new Set(words)].slice(0, max);

/** Without case and accents. */
function folded(text: string): string {
  return text
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[ßæœøłđðþı]/g, (letter) => SPELLED[letter] ?? letter);
}

/** What is written in one: `re-2026-4711`, `contoso.example`. */
function compoundsOf(text: string): string[] {
  return folded(text).match(/[\p{L}\p{N}]+(?:[-./_][\p{L}\p{N}]+)*/gu) ?? [];
}

const partsOf = (compound: string): string[] => compound.match(/[\p{L}\p{N}]+/gu) ?? [];
const joined = (compound: string): string => partsOf(compound).join('');
const isWord = (part: string): boolean => part !== '' && !TOO_SHORT.test(part);
const runsOf = (part: string): string[] => part.match(/\d+|[^\d]+/g) ?? [];
const withoutZeros = (digits: string): string => digits.replace(/^0+(?=\d)/, '');

/** Its words; of one with digits its runs of digits and of letters too, and all of it in one. */
function indexed(compound: string): string[] {
  const parts = partsOf(compound);
  const runs = parts.flatMap(runsOf).flatMap((run) => [run, withoutZeros(run)]);
  const whole = parts.length > 1 && /\d/.test(compound) ? [joined(compound)] : [];
  // What people know an invoice by comes first: it is not what the limit cuts off.
  return [...new Set([...whole, ...runs, ...parts])].filter(isWord);
}

/** `mail.contoso.example`: mail, contoso, and in one what it ends with. Its last label alone tells nobody apart. */
function wordsOfDomain(domain: string): string[] {
  const labels = folded(domain).split('.').filter(Boolean);
  const ends = labels.slice(0, -1).map((_, index) => joined(labels.slice(index).join('.')));
  const words = labels.slice(0, -1).flatMap(partsOf).filter(isWord);
  return [...ends.slice(-2), ...words];
}

/** How a word of a question may be written in mail. */
function meaningsOf(compound: string): string[][] {
  const parts = partsOf(compound);
  const ways = [
    parts,
    [joined(compound)],
    parts.flatMap(runsOf),
    parts.map(withoutZeros),
    // Who has no umlaut writes mueller, and the mail says Müller.
    parts.map((part) => part.replaceAll(/([aou])e/g, '$1')),
  ];
  // Without its 1 INV-1 would be found wherever there is an INV: it is looked for in one.
  const isWhole = (way: readonly string[]): boolean => !way.some((part) => /^\d$/.test(part));
  const told = ways.filter(isWhole).map((way) => [...new Set(way.filter(isWord))].toSorted());
  const byText = new Map(told.map((way) => [way.join(' '), way]));
  byText.delete('');
  return [...byText.values()];
}
