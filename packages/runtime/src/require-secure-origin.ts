import { isLoopback } from './loopback.ts';
import type { TrustedNetwork } from './trusted-network.ts';

/** A base URL that would send credentials where they may be read. Its message names the variable. */
class InsecureOriginError extends Error {
  readonly code = 'insecure_origin';

  constructor(variable: string, problem: string) {
    super(`${variable} ${problem}`);
    this.name = 'InsecureOriginError';
  }
}

/**
 * The URL, when it is https, or http on loopback or in a trusted network, and carries no user name or password (they
 * would end up in logs).
 *
 * @param variable the environment variable it came from, for the error
 * @param trusted whose `lookup` then goes with the connection: of a name nobody can say here where it leads
 * @throws {InsecureOriginError}
 */
export function requireSecureOrigin(
  value: string,
  variable: string,
  trusted?: TrustedNetwork,
): URL {
  if (!URL.canParse(value)) throw new InsecureOriginError(variable, 'is not a URL');
  const url = new URL(value);
  if (url.username !== '' || url.password !== '') {
    throw new InsecureOriginError(variable, 'must not carry a user name or password');
  }
  if (url.protocol === 'https:' || isOwn(url.href, trusted)) return url;
  throw new InsecureOriginError(
    variable,
    'must be https:// (http:// is for loopback, and for a network that TRUSTED_NETWORK says is yours)',
  );
}

/** Whether a URL leads to this machine, or by plain http into a trusted network: never to the real services. */
export function isOwn(value: string, trusted?: TrustedNetwork): boolean {
  const { protocol, hostname } = new URL(value);
  if (isLoopback(hostname)) return protocol === 'http:' || protocol === 'https:';
  return protocol === 'http:' && trusted !== undefined && trusted.mayHold(hostname);
}
