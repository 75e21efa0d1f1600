import { domainToASCII } from 'node:url';
import { foldText, type MessageRules } from '@ms1/contracts';

/** The rules of a mailbox as texts are held against them: folded once for many messages. */
export interface FoldedRules extends Omit<MessageRules, 'senders' | 'subject'> {
  senders?: { allow: ReadonlySet<string> | undefined; deny: ReadonlySet<string> | undefined };
  subject?: { any: readonly string[] | undefined; none: readonly string[] | undefined };
}

export function foldRules({ senders, subject, ...rules }: MessageRules): FoldedRules {
  const listed = (list: string[] | undefined, keysOf: (sender: string) => readonly string[]) =>
    list && new Set(list.flatMap(keysOf));
  return {
    ...rules,
    ...(senders && {
      senders: {
        allow: listed(senders.allow, exactKeys),
        deny: listed(senders.deny, looseKeys),
      },
    }),
    ...(subject && {
      subject: { any: subject.any?.map(foldText), none: subject.none?.map(foldText) },
    }),
  };
}

/**
 * An address as an allow list knows it, none for what is no address. Names are folded, but a domain is compared as DNS
 * does: straße.example and strasse.example read alike and belong to different people.
 */
export function exactKeys(address: string): readonly string[] {
  return keyOf(address, inDns);
}

/** The same for a deny list, which takes a domain that reads like one of its own for it. */
export function looseKeys(address: string): readonly string[] {
  return [...exactKeys(address), ...keyOf(address, foldText)];
}

/** By its keys, or by their domain. */
export function isOn(list: ReadonlySet<string>, keys: readonly string[]): boolean {
  return keys.some((key) => list.has(key) || list.has(key.slice(key.lastIndexOf('@'))));
}

function keyOf(address: string, domainOf: (domain: string) => string): string[] {
  const at = address.lastIndexOf('@');
  if (at < 0) return [];
  return [`${foldText(address.slice(0, at))}@${domainOf(address.slice(at + 1))}`];
}

/** More characters than a domain has, even before those that are not seen are taken out. */
const DOMAIN_MAX = 512;

/** What ends a host in a URL, or is decoded or left out there: Node takes a domain for the host of one. */
const NO_DOMAIN = /[\s\p{Cc}/\\?#@:%[\]]/u;

function inDns(domain: string): string {
  const bare = domain.trim();
  if (bare.length > DOMAIN_MAX || NO_DOMAIN.test(bare)) return bare.toLowerCase();
  return domainToASCII(bare) || bare.toLowerCase();
}
