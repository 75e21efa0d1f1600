import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { senderAddress } from '@ms1/runtime';
import ipaddr from 'ipaddr.js';

/** Ranges of addresses that a proxy, a load balancer or a pod has, and no stranger. */
const PRIVATE = ['private', 'carrierGradeNat', 'loopback', 'linkLocal', 'uniqueLocal'];

/**
 * Whose request it is, or null where that cannot be known: a private address is that of a proxy, which
 * speaks for everybody.
 */
export function clientAddress(
  req: Pick<IncomingMessage, 'socket' | 'headers'>,
  trustedProxies: number,
): string | null {
  const address = senderAddress(req, trustedProxies);
  return address === '' || PRIVATE.includes(ipaddr.parse(address).range()) ? null : address;
}

/** Whose connection it is, or null where it is a proxy's: behind one every connection is. */
export function connectionOwner(socket: Socket, trustedProxies: number): string | null {
  return trustedProxies > 0 ? null : clientAddress({ socket, headers: {} }, 0);
}
