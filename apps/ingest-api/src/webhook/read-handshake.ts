/**
 * What Graph's validation of the endpoint asks (docs/graph-contract.md#endpoint-validation): the token to send back,
 * `none` when the request is no handshake, `bad` when it is one that Graph would not send.
 */
export type Handshake = { kind: 'none' } | { kind: 'bad' } | { kind: 'token'; token: string };

/** bytes; Graph's tokens are a few hundred */
const TOKEN_BYTES_MAX = 4_096;

/**
 * Recognised by the query parameter alone, in any case, before any body is read: the body is empty. Exactly one
 * token, because a repeated parameter would be joined or picked from depending on who parses it
 * (docs/reliability.md#echoed-token).
 */
export function readHandshake(url: string): Handshake {
  const start = url.indexOf('?');
  if (start === -1) return { kind: 'none' };
  const query = new URLSearchParams(url.slice(start + 1));
  const names = [...query.keys()].filter((name) => /^validationToken(\[.*)?$/i.test(name));
  if (names.length === 0) return { kind: 'none' };
  // Gateways exist that write a query in lower case. With a bracket it would be a list, which Graph never sends.
  const [name = ''] = names;
  const token = name.includes('[') ? '' : (query.get(name) ?? '');
  const sound = names.length === 1 && token !== '' && Buffer.byteLength(token) <= TOKEN_BYTES_MAX;
  return sound ? { kind: 'token', token } : { kind: 'bad' };
}
