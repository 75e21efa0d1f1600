import { dnsDomain, domainOfAddress, foldText, type MessageRules } from '@ms1/contracts';

import { lookOf } from './flags/reads-like.ts';

/** The rules of a mailbox as texts are held against them: folded once for many messages. */
export interface FoldedRules extends Omit<MessageRules, 'senders' | 'subject'> {
  senders?: {
    allow: ReadonlySet<string> | undefined;
    deny: ReadonlySet<string> | undefined;
    unauthenticated: 'accept' | undefined;
    /** the domains that are allowed, by how they look; made when it is asked for first */
    looks: () => ReadonlyMap<string, string>;
  };
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
        unauthenticated: senders.unauthenticated,
        looks: looksOf(senders.allow ?? []),
      },
    }),
    ...(subject && {
      subject: { any: subject.any?.map(foldText), none: subject.none?.map(foldText) },
    }),
  };
}

function looksOf(allowed: readonly string[]): () => ReadonlyMap<string, string> {
  let made: ReadonlyMap<string, string> | undefined;
  return () => {
    made ??= new Map(allowed.map(domainOfAddress).map((domain) => [lookOf(domain), domain]));
    return made;
  };
}

/**
 * An address as an allow list knows it, none for what is no address. Names are folded, but a domain is compared as DNS
 * does: straße.example and strasse.example read alike and belong to different people.
 */
export function exactKeys(address: string): readonly string[] {
  return keyOf(address, dnsDomain);
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
