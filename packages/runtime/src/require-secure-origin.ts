/** A base URL that would send credentials where they may be read. Its message names the variable. */
class InsecureOriginError extends Error {
  readonly code = 'insecure_origin';

  constructor(variable: string, problem: string) {
    super(`${variable} ${problem}`);
    this.name = 'InsecureOriginError';
  }
}

/**
 * The URL, when it is https, or http on loopback, and carries no user name or password (they would
 * end up in logs).
 *
 * @param variable the environment variable it came from, for the error
 * @throws {InsecureOriginError}
 */
export function requireSecureOrigin(value: string, variable: string): URL {
  if (!URL.canParse(value)) throw new InsecureOriginError(variable, 'is not a URL');
  const url = new URL(value);
  if (url.username !== '' || url.password !== '') {
    throw new InsecureOriginError(variable, 'must not carry a user name or password');
  }
  if (url.protocol === 'https:') return url;
  if (url.protocol === 'http:' && isLoopback(url.hostname)) return url;
  throw new InsecureOriginError(variable, 'must be https:// (http:// is for loopback only)');
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}
