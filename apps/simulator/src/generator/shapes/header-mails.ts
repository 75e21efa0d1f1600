import { invoice, mail, other, type Shapes } from './shape.ts';

const PDF = [invoice('RE-4711.pdf', 'application/pdf')];

const headers = (given: Record<string, string>) => ({
  headers: Object.entries(given).map(([name, value]) => ({ name, value })),
});

/** Mails that only their headers tell what they are, or from whom. */
export const headerMails: Shapes = {
  'an automatic reply': mail([], headers({ 'Auto-Submitted': 'auto-replied' })),
  'out of office, of Exchange': mail(
    [],
    headers({
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'All',
      'In-Reply-To': '<1@company.example>',
    }),
  ),
  'an automatic reply with the terms': mail(
    [other('AGB.pdf', 'application/pdf')],
    headers({ Precedence: 'auto_reply' }),
  ),
  'an invoice of a program': mail(
    PDF,
    headers({
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'All',
      Precedence: 'bulk',
      'List-Unsubscribe': '<https://supplier.example/unsubscribe>',
    }),
  ),
  'an invoice on a mailing list': mail(PDF, headers({ 'List-Id': '<ap.company.example>' })),
  'a bounce of nobody': mail([], headers({ 'Return-Path': '<>' })),
  'a bounce that lists no part': mail(
    [],
    headers({ 'Content-Type': 'multipart/report; report-type=delivery-status; boundary=x' }),
  ),
  'a receipt that lists no part': mail(
    [],
    headers({ 'Content-Type': 'multipart/report; report-type=disposition-notification' }),
  ),
  'signed with PGP, whose signature is not listed': mail(
    PDF,
    headers({ 'Content-Type': 'multipart/signed; protocol="application/pgp-signature"' }),
  ),
  'called an automatic reply': mail(PDF, { subject: 'Automatic reply: Rechnung 4711' }),
  'a sender that is forged': mail(PDF, {
    from: { name: 'Supplier', address: 'ar@supplier.example' },
    authenticationResults:
      'spf=fail smtp.mailfrom=supplier.example; dkim=none header.d=none;dmarc=fail action=none header.from=supplier.example;compauth=fail reason=000',
  }),
  'a sender that looks like another': mail(PDF, {
    from: { name: 'ar@supplier.example', address: 'ar@suppl\u0456er.example' },
    replyTo: [{ name: 'x', address: 'x@evil.example' }],
  }),
};
