/** A run of characters that an address is made of. One pass over the text, whatever the text: a run never backtracks. */
const WORD = /[^\s<>()[\]{}",;:']+/g;

/** An @ with something around it; a slash before it is a scoped package in a stack trace. */
const ADDRESS = /[^@/]@[^@]/;

/**
 * Replaces mail addresses in every string of a JSON value: failure reasons, stack traces and logs are
 * other people's words, and a server likes to repeat what it was sent.
 */
export function redactAddresses(value: unknown): unknown {
  if (typeof value === 'string') return redactText(value);
  if (Array.isArray(value)) return value.map(redactAddresses);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [key, redactAddresses(part)]),
  );
}

function redactText(text: string): string {
  if (!text.includes('@')) return text;
  return text.replaceAll(WORD, (word) => (ADDRESS.test(word) ? '[address]' : word));
}
