import type { IncomingMessage } from 'node:http';
import { BlockList, isIP, SocketAddress } from 'node:net';

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
 * speaks for everybody. Behind `trustedProxies` proxies that each add to X-Forwarded-For it is the entry that
 * the outermost of them added, counted from the end: what stands before it is what the sender claims.
 */
export function clientAddress(req: IncomingMessage, trustedProxies: number): string | null {
  const peer = plain(req.socket.remoteAddress ?? '');
  if (trustedProxies === 0) return isPublic(peer) ? peer : null;
  const header = req.headers['x-forwarded-for'];
  const forwarded = (Array.isArray(header) ? header.join(',') : (header ?? '')).split(',');
  const address = plain(forwarded.at(-trustedProxies) ?? '');
  return isPublic(address) ? address : null;
}

/**
 * The address alone, spelled the one way that Node spells it, however it was written: with a port
 * (`ip:port`, `[v6]:port`), in quotes or brackets, with a zone, shortened or not, or as ::ffff:1.2.3.4.
 */
function plain(written: string): string {
  const text = written.replaceAll(/["'\s]/g, '').replace(/^for=/i, '');
  const bare =
    /^\[([^\]]*)\](?::\d*)?$/.exec(text)?.[1] ?? /^([\d.]+):\d*$/.exec(text)?.[1] ?? text;
  const address = bare.replace(/%.*$/, '');
  if (isIP(address) !== 6) return address;
  const canonical = new SocketAddress({ address, family: 'ipv6' }).address;
  return canonical.replace(/^::ffff:(?=\d+\.)/i, '');
}

function isPublic(address: string): boolean {
  const family = isIP(address);
  return family !== 0 && !PRIVATE.check(address, family === 4 ? 'ipv4' : 'ipv6');
}
