import { isLoopback, type TrustedNetwork } from '@ms1/runtime';
import type { Redis as OneServer } from 'ioredis';

import type { RedisAddress } from './redis-address.ts';
import { RedisStartError } from './redis-start-error.ts';

/** A Redis that anybody may use whose address is not known to be ours. */
class UntrustedPeerError extends RedisStartError {
  readonly code = 'redis_untrusted';

  constructor(peer: string) {
    super(
      `Redis at ${peer} has neither TLS nor a password: give REDIS_URL one of them, or say by TRUSTED_NETWORK that its ` +
        'network is yours',
    );
    this.name = 'UntrustedPeerError';
  }
}

/**
 * Refuses a Redis without TLS and without a password, unless it is on loopback or in the trusted network. What counts
 * is the address that each connection of the start led to, whatever the name; a reconnection is not judged again.
 *
 * @param isLoggedIn by a token, in place of the URL's password
 * @throws {UntrustedPeerError}
 */
export function refuseUntrusted(
  servers: readonly OneServer[],
  { tls, password }: Pick<RedisAddress, 'tls' | 'password'>,
  { isLoggedIn, trusted }: { isLoggedIn: boolean; trusted?: TrustedNetwork | undefined },
): void {
  if (tls || password || isLoggedIn) return;
  for (const server of servers) {
    const peer =
      (server.stream as { remoteAddress?: string }).remoteAddress ?? 'an unknown address';
    if (!isLoopback(peer) && !trusted?.has(peer)) throw new UntrustedPeerError(peer);
  }
}
