/**
 * The claims that a 401 demands of the next token, as JSON; undefined when it demands none. Graph asks
 * for them when a token was revoked before its time (continuous access evaluation).
 *
 * @param header `WWW-Authenticate`
 */
export function claimsChallenge(header: string | null | undefined): string | undefined {
  if (!header || !/error="insufficient_claims"/i.test(header)) return undefined;
  const encoded = /claims="([\w+/=-]{1,8192})"/.exec(header)?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  try {
    const claims: unknown = JSON.parse(text);
    return typeof claims === 'object' && claims !== null ? text : undefined;
  } catch {
    return undefined;
  }
}
