/** A header of a mail, its name in lower case, its value on one line. */
export interface Header {
  name: string;
  value: string;
}

/** More than any mail has that is not made to keep somebody busy. */
const HEADERS_MAX = 1_000;
/** UTF-16 units of a value that are looked at: the longest that say anything here have some hundred. */
const VALUE_LENGTH_MAX = 8_192;

/** Those that anything is read from: half of what a mail has is notes of filters, which are long. */
const READ = new Set([
  'authentication-results',
  'auto-submitted',
  'content-type',
  'in-reply-to',
  'list-id',
  'list-post',
  'mailing-list',
  'precedence',
  'received',
  'return-path',
  'x-auto-response-suppress',
  'x-autoreply',
  'x-autorespond',
  'x-failed-recipients',
  'x-ms-exchange-inbox-rules-loop',
  'x-ms-exchange-message-is-ndr',
]);

/** `internetMessageHeaders` in its order, the topmost first, as far as they are read. */
export function readHeaders(told: unknown): Header[] {
  if (!Array.isArray(told)) return [];
  return (told as ({ name?: unknown; value?: unknown } | null)[])
    .slice(0, HEADERS_MAX)
    .flatMap((header) => {
      const { name, value } = header ?? {};
      if (typeof name !== 'string' || typeof value !== 'string') return [];
      const lower = name.toLowerCase();
      if (!READ.has(lower)) return [];
      const line = value.slice(0, VALUE_LENGTH_MAX).replaceAll(/\s+/g, ' ').trim();
      return [{ name: lower, value: line }];
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
