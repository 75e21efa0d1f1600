import { describe, expect, test } from '@jest/globals';
import type { Attachment } from '@ms1/contracts';

import { kindOfMail } from './kind-of-mail.ts';

const file = (contentType: string | null, more: Partial<Attachment> = {}): Attachment => ({
  id: 'a',
  name: null,
  kind: 'file',
  contentType,
  ...more,
});
const p7m = (contentType: string) =>
  file(contentType, { container: { format: 'p7m', inside: 'message' } });

describe('kindOfMail', () => {
  test.each<[string, Attachment[], string]>([
    ['without files', [], 'mail'],
    ['with an invoice', [file('application/pdf')], 'mail'],
    ['with a file of no type that there is', [file('constructor')], 'mail'],
    ['with a forwarded report', [file('message/rfc822')], 'mail'],
    ['with a delivery report (RFC 3464)', [file('Message/Delivery-Status')], 'bounce'],
    [
      'with a report of a signed mail',
      [p7m('multipart/signed'), file('message/delivery-status')],
      'bounce',
    ],
    ['with a receipt (RFC 8098)', [file('message/disposition-notification; name=x')], 'receipt'],
    [
      'protected by rights',
      [file(null, { container: { format: 'rpmsg', inside: 'message' } })],
      'encrypted',
    ],
    [
      'encrypted by S/MIME',
      [p7m('application/pkcs7-mime; smime-type=enveloped-data')],
      'encrypted',
    ],
    ['in S/MIME that does not say', [p7m('application/octet-stream')], 'encrypted'],
    ['signed by S/MIME', [p7m('multipart/signed')], 'signed'],
    ['signed in one part', [p7m('application/pkcs7-mime; smime-type="signed-data"')], 'signed'],
    ['compressed', [p7m('application/pkcs7-mime; smime-type=compressed-data')], 'mail'],
    [
      'signed beside its parts',
      [file('application/pkcs7-signature', { container: { format: 'p7s', inside: 'signature' } })],
      'signed',
    ],
    [
      'with a signed document',
      [file('application/pkcs7-mime', { container: { format: 'p7m', inside: 'file' } })],
      'mail',
    ],
    [
      'with a document and its signature',
      [file(null, { container: { format: 'p7s', inside: 'file' } })],
      'mail',
    ],
    ['encrypted by PGP', [file('application/pgp-encrypted')], 'encrypted'],
    ['signed by PGP', [file('application/pgp-signature')], 'signed'],
  ])('a mail %s', (_name, attachments, kind) => {
    expect(kindOfMail({}, attachments)).toBe(kind);
  });

  test('is what the message itself says, whatever its files', () => {
    expect(kindOfMail({ kind: 'meeting' }, [file('message/delivery-status')])).toBe('meeting');
  });
});
