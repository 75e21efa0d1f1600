import { INLINE, invoice, mail, other, type Shapes } from './shape.ts';

/**
 * The mails with files of the test data of two public programs (the Ruby gem mail, nodemailer's parser), as Exchange
 * lists them. Their PDFs count as invoices: nobody can tell by what is said of them.
 */
export const publicMails: Shapes = {
  attachment_content_disposition: mail([other('api.rb', 'text/x-ruby-script')]),
  attachment_message_rfc822: mail([
    invoice('ForwardedMessage.eml', 'message/rfc822', { kind: 'item' }),
    invoice('broken.pdf', 'application/pdf'),
  ]),
  attachment_nonascii_filename: mail([other('ciële.txt', 'text/plain')]),
  attachment_pdf: mail([invoice('broken.pdf', 'application/pdf')], {
    subject: 'Another PDF with 🎉 Unicode chars in it 🍿',
  }),
  attachment_with_base64_encoded_name: mail([
    invoice('=?UTF-8?B?VGhpcyBpcyBhIHRlc3QucGRm?=', 'application/pdf'),
  ]),
  attachment_with_quoted_filename: mail([other('Eelanalüüsi päring.jpg', 'image/jpeg', INLINE)], {
    subject: 'Eelanalüüsi päring',
  }),
  missing_content_disposition: mail([other(null, 'image/jpg', INLINE)]),
  decoderended: mail([other('Fwd: fotos', 'message/rfc822', { kind: 'item' })]),
  nodemailer: mail([
    other('image.png', 'image/png'),
    other('nyan cat ✔.gif', 'image/gif'),
    other('notes.txt', 'text/plain'),
  ]),
  email_with_similar_boundaries: mail([other('LOGO.png', 'application/octetstream')]),
  raw_email12: mail([other(null, 'image/jpeg', INLINE)]),
  raw_email_with_multipart_mixed_quoted_boundary: mail([invoice('broken.pdf', 'application/pdf')]),
  japanese_attachment: mail([other('てすと.txt', 'text/plain')]),
  multi_address_bounce2: mail(
    [
      other(null, 'message/delivery-status', { size: 400 }),
      other('Undelivered Message', 'message/rfc822', { kind: 'item' }),
    ],
    {
      subject: 'Undelivered Mail Returned to Sender',
      from: { name: 'Mail Delivery System', address: 'MAILER-DAEMON@lvmail01.example' },
    },
  ),
  report_422: mail([other(null, 'message/delivery-status', { size: 400 })], {
    subject: 'Warning: could not send message for past 8 hours',
    from: { name: 'Mail Delivery Subsystem', address: 'MAILER-DAEMON@test.example' },
  }),
};
