import { lookup as resolve } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { z } from 'zod';

import { isLoopback } from './loopback.ts';

/** An address that a name led to, outside of what TRUSTED_NETWORK says is ours. */
class UntrustedAddressError extends Error {
  readonly code = 'untrusted_address';

  constructor(hostname: string) {
    super(
      `${hostname} is at an address outside TRUSTED_NETWORK, and would be spoken to unencrypted`,
    );
    this.name = 'UntrustedAddressError';
  }
}

/**
 * Networks of which the operator says that nobody else is in them: there plain http, and a Redis without password and
 * TLS, are spoken to. An address counts when it is within; a name, when the address is that it led to as the connection
 * was made, so that a name which comes to lead elsewhere is followed no further.
 */
export class TrustedNetwork {
  readonly #addresses = new BlockList();

  /**
   * @param networks as 10.0.0.0/8, separated by commas
   * @throws {RangeError} where one is not a network
   */
  constructor(networks: string) {
    for (const network of networks.split(',').map((text) => text.trim())) {
      const [address = '', bits = '', ...rest] = network.split('/');
      const family = isIP(address);
      const bitsMax = family === 4 ? 32 : 128;
      const isNetwork = family !== 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= bitsMax;
      if (!isNetwork || rest.length > 0) {
        throw new RangeError('must be networks like 10.0.0.0/8, separated by commas');
      }
      this.#addresses.addSubnet(address, Number(bits), family === 4 ? 'ipv4' : 'ipv6');
    }
  }

  /** Whether the address is within, or of this machine. */
  has(address: string): boolean {
    const family = isIP(address);
    if (family === 0) return false;
    return isLoopback(address) || this.#addresses.check(address, family === 4 ? 'ipv4' : 'ipv6');
  }

  /** Whether plain http may be spoken to the host; of a name its {@link lookup} decides. */
  mayHold(hostname: string): boolean {
    const host = hostname.replaceAll(/[[\]]/g, '');
    return isIP(host) === 0 || this.has(host);
  }

  /** Of a socket's `connect`: resolves a name to those of its addresses that are within. */
  readonly lookup: LookupFunction = (hostname, options, done) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return done(error, '', 0);
      const within = addresses.filter(({ address }) => this.has(address));
      const [first] = within;
      if (!first) return done(new UntrustedAddressError(hostname), '', 0);
      return options.all ? done(null, within) : done(null, first.address, first.family);
    });
  };
}

/** The variable of the network that is ours. Spread into the schema of whatever has a `trustedUrl`. */
export const trustConfig = {
  TRUSTED_NETWORK: z
    .string()
    .transform((networks, context) => {
      try {
        return new TrustedNetwork(networks);
      } catch (error) {
        context.addIssue((error as Error).message);
        return z.NEVER;
      }
    })
    .optional()
    .meta({ type: 'networks, comma-separated' })
    .describe(
      'Networks that are yours alone, such as `10.0.0.0/8`: there services are called by plain http, and Redis without ' +
        'a password, which whoever can listen there reads ([deployment.md](deployment.md#a-network-of-your-own)).',
    ),
};
