import type { IncomingMessage } from 'node:http';
import { isIP, SocketAddress } from 'node:net';
import proxyAddr from 'proxy-addr';

/**
 * The address that a request comes from, spelled in one way; empty where it cannot be known. Behind
 * `trustedProxies` proxies that each add to X-Forwarded-For it is the entry that the outermost of them added,
 * counted from the end: what stands before it is what the sender claims.
 */
export function senderAddress(
  req: Pick<IncomingMessage, 'socket' | 'headers'>,
  trustedProxies: number,
): string {
  // The peer's, then what was added, the last first; an empty element counts for nothing (RFC 9110, 5.6.1).
  return plain(proxyAddr.all(req as IncomingMessage)[trustedProxies] ?? '');
}

/**
 * The address alone, spelled the one way that Node spells it, however it was written: with a port
 * (`ip:port`, `[v6]:port`, eight groups and one more), in quotes or brackets, with a zone, shortened or not, as
 * ::ffff:1.2.3.4, as a URL, or as RFC 7239 has it.
 */
function plain(written: string): string {
  const text = written.replaceAll(/["'\s]/g, '').replace(/^(?:for=|https?:\/\/)/i, '');
  const host = text.replace(/[;/].*$/, '');
  const bare =
    /^\[([^\]]*)\](?::\d*)?$/.exec(host)?.[1] ??
    /^([\d.]+|(?:[\da-f]+:){7}[\da-f]+):\d*$/i.exec(host)?.[1] ??
    host;
  const address = bare.replace(/%.*$/, '');
  const family = isIP(address);
  if (family === 0) return '';
  if (family === 4) return address;
  const canonical = new SocketAddress({ address, family: 'ipv6' }).address;
  return canonical.replace(/^::ffff:(?=\d+\.)/i, '');
}
