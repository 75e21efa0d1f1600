/** A header of a mail, its name in lower case, its value on one line. */
export interface Header {
  name: string;
  value: string;
}

/** More than any mail has that is not made to keep somebody busy. */
const HEADERS_MAX = 1_000;
/** UTF-16 units of a value that are looked at: the longest that say anything here have some hundred. */
const VALUE_LENGTH_MAX = 8_192;

/** `internetMessageHeaders` in its order, the topmost first. */
export function readHeaders(told: unknown): Header[] {
  if (!Array.isArray(told)) return [];
  return (told as ({ name?: unknown; value?: unknown } | null)[])
    .slice(0, HEADERS_MAX)
    .flatMap((header) => {
      const { name, value } = header ?? {};
      if (typeof name !== 'string' || typeof value !== 'string') return [];
      const line = value.slice(0, VALUE_LENGTH_MAX).replaceAll(/\s+/g, ' ').trim();
      return [{ name: name.toLowerCase(), value: line }];
    });
}

/** The topmost of a name; empty where there is none. */
export function headerOf(headers: readonly Header[], name: string): string {
  return headers.find((header) => header.name === name)?.value ?? '';
}

/** Bytes of JSON that they take of an answer, about: who keeps a message keeps no headers. */
export function headerBytes(told: unknown): number {
  if (!Array.isArray(told)) return 0;
  return (told as ({ name?: unknown; value?: unknown } | null)[]).reduce(
    (sum, header) => sum + 24 + lengthOf(header?.name) + lengthOf(header?.value),
    0,
  );
}

function lengthOf(value: unknown): number {
  return typeof value === 'string' ? value.length : 0;
}
