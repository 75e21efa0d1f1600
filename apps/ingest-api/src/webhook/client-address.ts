import type { IncomingMessage } from 'node:http';
import { BlockList, isIP, type Socket } from 'node:net';
import { senderAddress } from '@ms1/runtime';

/** Addresses that a proxy, a load balancer or a pod has, and no stranger. */
const PRIVATE = new BlockList();
for (const [net, prefix] of [
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const) {
  PRIVATE.addSubnet(net, prefix, 'ipv4');
}
PRIVATE.addAddress('::1', 'ipv6');
PRIVATE.addSubnet('fc00::', 7, 'ipv6');
PRIVATE.addSubnet('fe80::', 10, 'ipv6');

/**
 * Whose request it is, or null where that cannot be known: a private address is that of a proxy, which
 * speaks for everybody.
 */
export function clientAddress(
  req: Pick<IncomingMessage, 'socket' | 'headers'>,
  trustedProxies: number,
): string | null {
  const address = senderAddress(req, trustedProxies);
  return isPublic(address) ? address : null;
}

/** Whose connection it is, or null where it is a proxy's: behind one every connection is. */
export function connectionOwner(socket: Socket, trustedProxies: number): string | null {
  return trustedProxies > 0 ? null : clientAddress({ socket, headers: {} }, 0);
}

function isPublic(address: string): boolean {
  const family = isIP(address);
  return family !== 0 && !PRIVATE.check(address, family === 4 ? 'ipv4' : 'ipv6');
}
