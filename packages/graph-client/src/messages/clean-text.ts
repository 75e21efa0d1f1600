/**
 * Text as JSON, Redis and databases take it: without NUL and without halves of surrogate pairs, which
 * mail carries (reliability K35) and which no UTF-8 can spell.
 *
 * @param lengthMax UTF-16 units to keep; a pair is never cut in two
 */
export function cleanText(text: string, lengthMax = Number.POSITIVE_INFINITY): string {
  const cut = text.length > lengthMax ? text.slice(0, lengthMax) : text;
  return cut.replaceAll('\0', '').replaceAll(/\p{Surrogate}/gu, '');
}

/** {@link cleanText} of what may be missing. */
export function cleanOrNull(text: string | null | undefined, lengthMax?: number): string | null {
  return typeof text === 'string' ? cleanText(text, lengthMax) : null;
}
