/**
 * Anything with an @ between two runs of characters that addresses are made of; a slash right before
 * the @ is a scoped package in a stack trace.
 */
const ADDRESS = /[^\s@<>()[\]{}",;:']*[^\s@<>()[\]{}",;:'/]@[^\s@<>()[\]{}",;:']+/g;

/**
 * Replaces mail addresses in every string of a JSON value: failure reasons, stack traces and logs are
 * other people's words, and a server likes to repeat what it was sent.
 */
export function redactAddresses(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll(ADDRESS, '[address]');
  if (Array.isArray(value)) return value.map(redactAddresses);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [key, redactAddresses(part)]),
  );
}
