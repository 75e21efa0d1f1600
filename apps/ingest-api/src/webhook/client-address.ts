import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
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
export function clientAddress(req: IncomingMessage, trustedProxies: number): string | null {
  return publicAddress(senderAddress(req, trustedProxies));
}

/** The address, or null where it is one that a proxy has. */
export function publicAddress(address: string): string | null {
  const plain = address.replace(/^::ffff:/, '');
  const family = isIP(plain);
  return family !== 0 && !PRIVATE.check(plain, family === 4 ? 'ipv4' : 'ipv6') ? plain : null;
}
