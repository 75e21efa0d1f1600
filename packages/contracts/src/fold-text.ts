/** UTF-16 units that are compared: Exchange keeps subjects to 255, and normalizing marks without end is quadratic. */
const LENGTH_MAX = 512;

/** Nothing to normalize. */
const PLAIN = /^[\x20-\x7e]*$/;

/**
 * Text as a person compares it: compatible forms are one (NFKC), and so are cases (ß = SS, the four letters i of Turkish);
 * what is not seen is not there, and any white space is one blank. For comparing only: what is folded is not shown.
 */
export function foldText(text: string): string {
  const cut = text.slice(0, LENGTH_MAX);
  if (PLAIN.test(cut)) return cut.toLowerCase().replaceAll(/ +/g, ' ').trim();
  return foldCase(cut.replaceAll(/\p{Default_Ignorable_Code_Point}/gu, '').normalize('NFKC'))
    .normalize('NFKC')
    .replaceAll(/[\s\p{Z}\p{Cc}\u2800]+/gu, ' ')
    .trim();
}

/** By way of upper case, which is where ß becomes SS and ı becomes I; small sigma has a form for the end of a word. */
function foldCase(text: string): string {
  return text
    .toLowerCase()
    .toUpperCase()
    .toLowerCase()
    .replaceAll('i\u0307', 'i')
    .replaceAll('ς', 'σ');
}
