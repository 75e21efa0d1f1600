import { INLINE, invoice, mail, other, type Shapes } from './shape.ts';

const PDF = 'application/pdf';
const BYTES = 'application/octet-stream';
const ITEM = { kind: 'item' } as const;
const LINK = { kind: 'reference', size: 0 } as const;

/** Invoices in something else, or somewhere else; and what only looks like it. */
export const wrappedMails: Shapes = {
  'forwarded as a file': mail([invoice('Rechnung 4711.eml', 'message/rfc822')]),
  'forwarded without a name': mail([invoice(null, 'message/rfc822')]),
  'forwarded by Outlook': mail([invoice('Rechnung 4711', null, ITEM)]),
  'forwarded by Outlook, of a program': mail([invoice('FW: setup.exe', null, ITEM)]),
  'an eml in a msg': mail([invoice('FW: Rechnung.msg', 'application/vnd.ms-outlook')]),
  'a msg as bytes': mail([invoice('Rechnung.msg', BYTES)]),
  'a zip': mail([invoice('Rechnungen.zip', 'application/zip')]),
  'a zip in an eml': mail([invoice('Rechnungen.eml', 'message/rfc822')]),
  'an eml in a zip': mail([invoice('mails.zip', 'application/x-zip-compressed')]),
  'a PDF in a zip of its name': mail([invoice('RE-4711.pdf.zip', PDF)]),
  'a 7z': mail([invoice('Rechnungen.7z', 'application/x-7z-compressed')]),
  'a FatturaPA, signed': mail([invoice('IT01234567890_FPA01.xml.p7m', 'application/pkcs7-mime')]),
  'a PDF, signed': mail([invoice('RE-4711.pdf.p7m', BYTES)]),
  'signed with S/MIME, as Graph shows it': mail([invoice('smime.p7m', 'multipart/signed')]),
  'signed beside its PDF': mail([
    invoice('RE-4711.pdf', PDF),
    other('smime.p7s', 'application/pkcs7-signature'),
  ]),
  'encrypted with S/MIME': mail([
    invoice('smime.p7m', 'application/pkcs7-mime; smime-type=enveloped-data'),
  ]),
  'encrypted with rights': mail([
    invoice('message.rpmsg', 'application/x-microsoft-rpmsg-message'),
  ]),
  'encrypted with PGP': mail([
    other('PGPMIME version identification', 'application/pgp-encrypted', { size: 11 }),
    invoice('encrypted.asc', BYTES),
  ]),
  'winmail.dat': mail([invoice('winmail.dat', 'application/ms-tnef')]),
  'a link to a file on OneDrive': mail([invoice('RE-4711.pdf', null, LINK)]),
  'a link to a folder on SharePoint': mail([invoice('Rechnungen März', null, LINK)]),
  'a link as a file': mail([invoice('RE-4711.pdf.url', 'application/internet-shortcut')]),
  'a link to a film': mail([other('demo.mp4', null, LINK)]),
  'a program called a PDF': mail([other('RE-4711.pdf.exe', PDF)]),
  'a program behind blanks': mail([other(`RE-4711.pdf${' '.repeat(60)}.scr`, PDF)]),
  'a program written backwards': mail([other('RE\u202Efdp.exe', PDF)]),
  'a PDF written backwards': mail([invoice('RE\u202Eexe.pdf', BYTES)]),
  'a zip of photos': mail([other('Fotos.zip', 'application/zip')]),
  'a mail that is forwarded for no invoice': mail([other('Mittagessen', null, ITEM)]),
  'a signature of Outlook': mail([
    other('image001.png', 'image/png', INLINE),
    other('image002.jpg', 'image/jpeg', INLINE),
  ]),
};

const robot = (address: string) => ({ name: 'Mail Delivery System', address });
const ICS = 'text/calendar';

/** Mail that is not from somebody to somebody. */
export const otherKinds: Shapes = {
  'a bounce': mail(
    [
      other('details.txt', 'message/delivery-status', { size: 500 }),
      other('Rechnung 4711', 'message/rfc822', ITEM),
    ],
    { from: robot('postmaster@supplier.example') },
  ),
  'a bounce of a mail daemon': mail([], { from: robot('MAILER-DAEMON@mx.supplier.example') }),
  'a receipt': mail([other('ATT00001', 'message/disposition-notification', { size: 400 })]),
  'an invitation': mail([], { odataType: 'eventMessageRequest' }),
  'an invitation with a file': mail([other('Agenda.pdf', PDF)], {
    odataType: 'eventMessageRequest',
  }),
  'an invitation from elsewhere': mail([other('invite.ics', ICS)]),
  'an answer to an invitation': mail([], { odataType: 'eventMessageResponse' }),
  'a draft': mail([invoice('RE-4711.pdf', PDF)], { isDraft: true }),
  'an invoice of a robot': mail([invoice('RE-4711.pdf', PDF)], {
    from: { name: 'No reply', address: 'no-reply@supplier.example' },
  }),
};
