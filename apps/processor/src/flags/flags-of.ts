import { domainOfAddress, foldText, type MailFlag, type MessageMetadata } from '@ms1/contracts';

import { exactKeys, type FoldedRules, isOn } from '../fold-rules.ts';
import { lookOf, readsLike } from './reads-like.ts';

/** Addresses of a mail that are looked at: a mail with more has no answer to expect. */
const REPLY_TO_MAX = 20;

/** An address within a text. What ends it is what programs put around one. */
const ADDRESS = /[^\s<>()[\]"',;:]+@[^\s<>()[\]"',;:]+/g;

/** What is odd about who sent a mail. None of it declines anything: whoever reads the record is to look twice. */
export function flagsOf(
  { senders }: Pick<FoldedRules, 'senders'>,
  { from, sender, replyTo }: Pick<MessageMetadata, 'from' | 'sender' | 'replyTo'>,
): MailFlag[] {
  const author = from ?? sender;
  const domain = domainOfAddress(author?.address);
  const replies = replyTo.slice(0, REPLY_TO_MAX).map(({ address }) => domainOfAddress(address));
  const flags: [MailFlag, boolean][] = [
    ['reply_to_other_domain', replies.some((other) => other !== '' && !isOfOne(other, domain))],
    [
      'lookalike_domain',
      senders !== undefined && [domain, ...replies].some((one) => isLookalike(senders, one)),
    ],
    [
      'address_in_name',
      senders?.allow !== undefined &&
        addressesIn(author?.name).some((keys) => {
          const own = exactKeys(author?.address ?? '');
          return isOn(senders.allow ?? new Set(), keys) && !keys.some((key) => own.includes(key));
        }),
    ],
  ];
  return flags.flatMap(([flag, isSet]) => (isSet ? [flag] : []));
}

/** The same domain, or one below the other. */
function isOfOne(domain: string, other: string): boolean {
  return domain === other || domain.endsWith(`.${other}`) || other.endsWith(`.${domain}`);
}

/** Of a domain that is allowed, without being one. */
function isLookalike(
  { allow, looks }: NonNullable<FoldedRules['senders']>,
  domain: string,
): boolean {
  if (domain === '' || allow?.has(`@${domain}`)) return false;
  if ([...looks().values()].some((allowed) => isOfOne(domain, allowed))) return false;
  const look = lookOf(domain);
  return [...looks().keys()].some((allowed) => readsLike(look, allowed));
}

function addressesIn(name: string | null | undefined): (readonly string[])[] {
  return (foldText(name ?? '').match(ADDRESS) ?? []).map((address) => exactKeys(address));
}
