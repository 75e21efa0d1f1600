import { domainToASCII } from 'node:url';

/** More characters than a domain has, even before those that are not seen are taken out. */
const DOMAIN_MAX = 512;

/** What ends a host in a URL, or is decoded or left out there: Node takes a domain for the host of one. */
const NO_DOMAIN = /[\s\p{Cc}/\\?#@:%[\]]/u;

/**
 * A domain as DNS takes it, so that two texts are one domain where they are one to it: any case, punycode or not,
 * compatible forms.
 */
export function dnsDomain(domain: string): string {
  const bare = domain.trim();
  if (bare.length > DOMAIN_MAX || NO_DOMAIN.test(bare)) return bare.toLowerCase();
  return domainToASCII(bare) || bare.toLowerCase();
}

/** Of an address; empty where it has none. */
export function domainOfAddress(address: string | null | undefined): string {
  const at = address?.lastIndexOf('@') ?? -1;
  return at < 0 ? '' : dnsDomain(address?.slice(at + 1) ?? '');
}
