/** A mail and what it says of who sent it. */
export interface SenderShape {
  name: string;
  from: { name: string; address: string } | null;
  sender?: { name: string; address: string };
  replyTo?: { name: string; address: string }[];
  /** what its sender has written: below whatever Exchange writes */
  headers?: { name: string; value: string }[];
  /** Exchange's own `Authentication-Results`; null: none */
  authenticationResults: string | null;
}

/** Whose mail is wanted in all of these. */
export const ALLOWED_SENDERS = ['@supplier.example', 'billing@partner.example', '@münchen.example'];

const AR = 'Authentication-Results';
const PASSED =
  'spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=supplier.example; dkim=pass (signature was verified) header.d=supplier.example;dmarc=pass action=none header.from=supplier.example;compauth=pass reason=100';
const FAILED =
  'spf=fail (sender IP is 203.0.113.9) smtp.mailfrom=supplier.example; dkim=none (message not signed) header.d=none;dmarc=fail action=quarantine header.from=supplier.example;compauth=fail reason=000';
/** Nothing is known for or against it. */
const UNKNOWN =
  'spf=none (sender IP is 203.0.113.9) smtp.mailfrom=evil.example; dkim=none (message not signed) header.d=none;dmarc=none action=none header.from=supplier.example;compauth=none reason=405';
const passedAs = (domain: string): string => PASSED.replaceAll('supplier.example', domain);

const supplier = { name: 'Supplier', address: 'ar@supplier.example' };
const evil = (address = 'ar@evil.example', name = 'Supplier') => ({ name, address });

/** Forged, each in another way: it is not from whom it says, or says it is from somebody who is not wanted. */
export const FORGED_SENDERS: readonly SenderShape[] = [
  { name: 'nothing proves it', from: supplier, authenticationResults: FAILED },
  { name: 'Exchange says nothing', from: supplier, authenticationResults: null },
  { name: 'Exchange knows nothing', from: supplier, authenticationResults: UNKNOWN },
  {
    name: 'SPF of its own domain',
    from: supplier,
    authenticationResults:
      'spf=pass (sender IP is 203.0.113.9) smtp.mailfrom=evil.example; dkim=none (message not signed) header.d=none;dmarc=fail action=none header.from=supplier.example;compauth=fail reason=001',
  },
  {
    name: 'a signature of its own domain',
    from: supplier,
    authenticationResults:
      'spf=pass (sender IP is 203.0.113.9) smtp.mailfrom=evil.example; dkim=pass (signature was verified) header.d=evil.example;dmarc=none action=none header.from=supplier.example;compauth=none reason=451',
  },
  {
    name: 'a signature of a domain that ends alike',
    from: supplier,
    authenticationResults:
      'spf=none smtp.mailfrom=evilsupplier.example; dkim=pass header.d=evilsupplier.example;dmarc=none action=none header.from=supplier.example;compauth=softpass reason=202',
  },
  {
    name: 'a signature of the top level',
    from: supplier,
    authenticationResults: 'dkim=pass header.d=example;dmarc=none header.from=supplier.example',
  },
  {
    name: 'the domain that proved itself is in a comment',
    from: supplier,
    authenticationResults:
      'spf=pass (smtp.mailfrom=supplier.example) smtp.mailfrom=evil.example; dkim=none (a (dmarc=pass header.from=supplier.example;compauth=pass reason=100)) header.d=none;dmarc=none header.from=supplier.example;compauth=none reason=405',
  },
  {
    name: 'a verdict in quotes, in an address that it chose',
    from: supplier,
    authenticationResults:
      'spf=pass smtp.mailfrom="x;dmarc=pass header.from=supplier.example;compauth=pass reason=100;"@evil.example; dkim=none header.d=none;dmarc=none header.from=supplier.example;compauth=none reason=405',
  },
  {
    name: 'a second verdict, in an address that it chose',
    from: supplier,
    authenticationResults:
      'spf=pass smtp.mailfrom=x;dmarc=pass header.from=supplier.example;compauth=pass reason=100;@evil.example; dkim=none header.d=none;dmarc=none header.from=supplier.example;compauth=none reason=405',
  },
  {
    name: 'a passing header below that of Exchange',
    from: supplier,
    authenticationResults: FAILED,
    headers: [{ name: AR, value: PASSED }],
  },
  {
    name: 'a passing header below one of Exchange that does not end',
    from: supplier,
    authenticationResults: 'spf=none (sender IP is 203.0.113.9 smtp.mailfrom=evil.example',
    headers: [{ name: AR, value: PASSED }],
  },
  {
    name: 'a passing header as Exchange writes it, where Exchange wrote none',
    from: supplier,
    authenticationResults: null,
    headers: [{ name: AR, value: PASSED }],
  },
  {
    name: 'a passing header of its own server',
    from: supplier,
    authenticationResults: null,
    headers: [{ name: AR, value: `mx.evil.example; ${PASSED}` }],
  },
  {
    name: 'a passing header in the name of Microsoft',
    from: supplier,
    authenticationResults: UNKNOWN,
    headers: [{ name: AR, value: `mx.microsoft.com 1; ${PASSED}` }],
  },
  {
    name: 'passing headers of another name',
    from: supplier,
    authenticationResults: UNKNOWN,
    headers: [
      { name: 'ARC-Authentication-Results', value: `i=1; mx.microsoft.com 1; ${PASSED}` },
      { name: `${AR}-Original`, value: PASSED },
      { name: `X-${AR}`, value: PASSED },
      { name: `${AR} `, value: PASSED },
    ],
  },
  {
    name: 'what Exchange writes of mail from within',
    from: supplier,
    authenticationResults: UNKNOWN,
    headers: [
      { name: 'X-MS-Exchange-Organization-AuthAs', value: 'Internal' },
      { name: 'X-MS-Exchange-CrossTenant-AuthAs', value: 'Internal' },
    ],
  },
  {
    name: 'DMARC failed, whatever Microsoft makes of it',
    from: supplier,
    authenticationResults:
      'spf=pass smtp.mailfrom=evil.example; dkim=none header.d=none;dmarc=fail action=none header.from=supplier.example;compauth=pass reason=109',
  },
  {
    name: 'a pass with the code of a failure',
    from: supplier,
    authenticationResults:
      'spf=none smtp.mailfrom=evil.example; dkim=none header.d=none;dmarc=none action=none header.from=supplier.example;compauth=pass reason=000',
  },
  {
    name: 'two From, of which Exchange judged the other',
    from: supplier,
    authenticationResults: passedAs('evil.example'),
  },
  {
    name: 'no From, and a Sender that is allowed',
    from: null,
    sender: supplier,
    authenticationResults: passedAs('evil.example'),
  },
  {
    name: 'one letter of another alphabet',
    from: evil('ar@suppl\u0456er.example'),
    authenticationResults: passedAs('xn--suppler-vog.example'),
  },
  {
    name: 'the same as DNS writes it',
    from: evil('ar@xn--suppler-vog.example'),
    authenticationResults: passedAs('xn--suppler-vog.example'),
  },
  {
    name: 'one letter less',
    from: evil('ar@suplier.example'),
    authenticationResults: passedAs('suplier.example'),
  },
  {
    name: 'another letter that is not seen to be one',
    from: evil('ar@supp1ier.example'),
    authenticationResults: passedAs('supp1ier.example'),
  },
  {
    name: 'the domain as the beginning of another',
    from: evil('ar@supplier.example.evil.example'),
    authenticationResults: passedAs('supplier.example.evil.example'),
  },
  {
    name: 'another address of a domain of which one is allowed',
    from: evil('ceo@partner.example'),
    authenticationResults: passedAs('partner.example'),
  },
  {
    name: 'the address as a name',
    from: evil('ar@evil.example', 'ar@supplier.example'),
    authenticationResults: passedAs('evil.example'),
  },
  {
    name: 'the address before another',
    from: evil('ar@supplier.example@evil.example'),
    authenticationResults: passedAs('evil.example'),
  },
  {
    name: 'a Sender and a Reply-To that are allowed',
    from: evil(),
    sender: supplier,
    replyTo: [supplier],
    authenticationResults: passedAs('evil.example'),
  },
];

/** From whom they say, as far as Exchange can tell. */
export const GENUINE_SENDERS: readonly SenderShape[] = [
  { name: 'everything proves it', from: supplier, authenticationResults: PASSED },
  {
    name: 'in capitals',
    from: { name: 'Supplier', address: 'AR@Supplier.EXAMPLE' },
    authenticationResults: PASSED,
  },
  {
    name: 'only SPF, without DMARC',
    from: supplier,
    authenticationResults:
      'spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=supplier.example; company.example; dkim=none (message not signed) header.d=none;company.example; dmarc=bestguesspass action=none header.from=supplier.example;compauth=pass reason=109',
  },
  {
    name: 'only a signature, of a domain below',
    from: supplier,
    authenticationResults:
      'spf=none (sender IP is 192.0.2.1) smtp.mailfrom=supplier.example; dkim=pass (signature was verified) header.d=outbound.supplier.example;dmarc=none action=none header.from=supplier.example;compauth=none reason=405',
  },
  {
    name: 'sent by a service, in two signatures',
    from: supplier,
    authenticationResults:
      'spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=bounces.service.example; dkim=pass (signature was verified) header.d=service.example;dkim=pass (signature was verified) header.d=supplier.example;dmarc=pass action=none header.from=supplier.example;compauth=pass reason=100',
  },
  {
    name: 'forwarded, its signature whole',
    from: supplier,
    authenticationResults:
      'spf=softfail (sender IP is 192.0.2.1) smtp.mailfrom=supplier.example; dkim=pass (signature was verified) header.d=supplier.example;dmarc=pass action=none header.from=supplier.example;compauth=pass reason=100',
  },
  {
    name: 'passed on by a list that is trusted',
    from: supplier,
    authenticationResults:
      'spf=fail (sender IP is 192.0.2.1) smtp.mailfrom=list.example; dkim=fail (body hash did not verify) header.d=supplier.example;dmarc=fail action=none header.from=supplier.example;compauth=pass reason=130',
  },
  {
    name: 'known to Microsoft, where nobody proves anything',
    from: supplier,
    authenticationResults:
      'spf=none (sender IP is 192.0.2.1) smtp.mailfrom=supplier.example; dkim=none (message not signed) header.d=none;dmarc=none action=none header.from=supplier.example;compauth=pass reason=702',
  },
  {
    name: 'on several lines',
    from: supplier,
    authenticationResults: PASSED.replaceAll(' ', '\r\n\t'),
  },
  {
    name: 'with what its own servers said below',
    from: supplier,
    authenticationResults: PASSED,
    headers: [
      {
        name: AR,
        value: 'mx.supplier.example; dkim=none; dmarc=fail header.from=supplier.example',
      },
      { name: AR, value: FAILED },
    ],
  },
  {
    name: 'of a domain with other letters',
    from: { name: 'Wirt', address: 'rechnung@münchen.example' },
    authenticationResults: passedAs('xn--mnchen-3ya.example'),
  },
  {
    name: 'an address that is allowed',
    from: { name: 'Partner', address: 'billing@partner.example' },
    replyTo: [evil()],
    authenticationResults: passedAs('partner.example'),
  },
];
