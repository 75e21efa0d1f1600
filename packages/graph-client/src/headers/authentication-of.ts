import { Authentication, dnsDomain, domainOfAddress } from '@ms1/contracts';

import {
  type AuthenticationResults,
  type MethodResult,
  readAuthenticationResults,
} from './authentication-results.ts';
import type { Header } from './internet-headers.ts';

/** Stands for a header that does not say who wrote it, as Exchange Online's own does not. */
export const UNNAMED = 'none';

/** Codes of `compauth=pass`: the sender has proved itself, or Microsoft knows it. A pass of other codes is none. */
const BELIEVED = /^[17]\d\d$/;
/** DMARC failed, but an administrator trusts whoever passed the mail on and saw it pass (ARC). */
const PASSED_ON = '130';

/** More characters than DNS allows: no server has looked it up. */
const DOMAIN_MAX = 253;

/** Where mail enters Exchange Online: it writes this below its own verdict, and above all that was there before. */
const BORDER = /\bby \S+\.mail\.protection\.(?:partner\.)?outlook\.[a-z]+\b/i;

/** The header's words, absent where it says nothing or a word that nobody knows. */
type Told = Omit<Authentication, 'verdict' | 'domain'>;

/**
 * Who sent a mail, by the topmost `Authentication-Results` of those whose word counts. Servers write theirs above what was
 * there, so that whatever a sender has written is below it.
 *
 * @param from the From address
 * @param authservIds whose word counts
 */
export function authenticationOf(
  headers: readonly Header[],
  from: string | null | undefined,
  authservIds: readonly string[],
): Authentication {
  let isInside = true;
  for (const { name, value } of headers) {
    if (name === 'received' && BORDER.test(value)) isInside = false;
    if (name !== 'authentication-results') continue;
    const read = readAuthenticationResults(value);
    // It may be the very one that counts, and the next one below it a sender's.
    if (read === null) break;
    const isExchanges = read.authservId === null;
    if (isExchanges && !isInside) continue;
    if (authservIds.includes(read.authservId ?? UNNAMED)) return judge(read, domainOfAddress(from));
  }
  return { verdict: 'none', domain: null };
}

function judge({ results }: AuthenticationResults, domain: string): Authentication {
  const of = (method: string) => results.filter((one) => one.method === method);
  const signatures = of('dkim');
  const dkim = signatures.find((one) => proves(one, 'header.d', domain)) ?? signatures[0];
  const [spf, dmarc, compauth] = [of('spf'), of('dmarc'), of('compauth')];
  const told = readWords(spf[0], dkim, dmarc[0], compauth[0]);
  const isBelieved = told.compauth === 'pass' && BELIEVED.test(told.reason ?? '');
  const isPassedOn = isBelieved && told.reason === PASSED_ON;
  if (told.compauth === 'fail' || (told.dmarc === 'fail' && !isPassedOn)) {
    return { verdict: 'fail', domain: null, ...told };
  }
  // What is said twice may be said by a sender, who chooses parts of what a server writes.
  const isSaidOnce = [spf, dmarc, compauth].every(({ length }) => length <= 1);
  // Of a mail with two of them the server may have taken another From than Graph.
  const fromOf = dmarc[0]?.properties.get('header.from');
  const isOfFrom = fromOf !== undefined && dnsDomain(fromOf) === domain;
  const isByDomain = isOfFrom && (isBelieved || /^(?:bestguess)?pass$/.test(told.dmarc ?? ''));
  const isByParts =
    (isOfFrom || fromOf === undefined) &&
    (told.dmarc === undefined || told.dmarc === 'none') &&
    (proves(dkim, 'header.d', domain) || proves(spf[0], 'smtp.mailfrom', domain));
  const isDomain = domain !== '' && domain.length <= DOMAIN_MAX;
  return isSaidOnce && isDomain && (isByDomain || isByParts)
    ? { verdict: 'pass', domain, ...told }
    : { verdict: 'none', domain: null, ...told };
}

const { shape } = Authentication;

function readWords(
  spf: MethodResult | undefined,
  dkim: MethodResult | undefined,
  dmarc: MethodResult | undefined,
  compauth: MethodResult | undefined,
): Told {
  return {
    spf: shape.spf.safeParse(spf?.result).data,
    dkim: shape.dkim.safeParse(dkim?.result).data,
    dmarc: shape.dmarc.safeParse(dmarc?.result).data,
    compauth: shape.compauth.safeParse(compauth?.result).data,
    reason: shape.reason.safeParse(compauth?.properties.get('reason')).data,
  };
}

/** That a domain sent it: that very one, one above or one below it (RFC 7489, 3.1.1, without its list of suffixes). */
function proves(found: MethodResult | undefined, property: string, domain: string): boolean {
  const told = found?.properties.get(property) ?? '';
  const other = told.includes('@') ? domainOfAddress(told) : dnsDomain(told);
  const [short = '', long = ''] = [other, domain].toSorted((a, b) => a.length - b.length);
  const isAligned = short.includes('.') && (short === long || long.endsWith(`.${short}`));
  return found?.result === 'pass' && isAligned;
}
