import { INLINE, invoice, mail, other, type Shapes } from './shape.ts';

const PDF = 'application/pdf';
const BYTES = 'application/octet-stream';
const logo = other('image001.png', 'image/png', { ...INLINE, size: 4_100 });
const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

const SAME = '<RE-4711.20260312@supplier.example>';

/** Invoices as suppliers send them: by how their programs name them. */
export const plainMails: Shapes = {
  'a PDF': mail([invoice('RE-4711.pdf', PDF)], { internetMessageId: SAME }),
  'a PDF, the same mail again': mail([invoice('RE-4711.pdf', PDF)], { internetMessageId: SAME }),
  'a PDF and a logo': mail([invoice('RE-4711.pdf', PDF), logo]),
  'a PDF and the terms': mail([invoice('RE-4711.pdf', PDF), other('AGB.pdf', PDF)]),
  'a PDF of Apple Mail, inline': mail([invoice('RE-4711.pdf', PDF, INLINE)]),
  'two invoices in one mail': mail([invoice('RE-1.pdf', PDF), invoice('RE-2.pdf', PDF)]),
  'an XML beside its PDF': mail([
    invoice('xrechnung.xml', 'application/xml'),
    invoice('xrechnung.pdf', PDF),
  ]),
  'an XML alone': mail([invoice('factur-x.xml', 'text/xml')]),
  EDIFACT: mail([invoice('INVOIC_4711.edi', 'application/edifact')]),
  'a spreadsheet': mail([invoice('Faktura.xlsx', XLSX)]),
  'a spreadsheet with macros': mail([
    invoice('Faktura.xlsm', 'application/vnd.ms-excel.sheet.macroEnabled.12'),
  ]),
  'a web page': mail([invoice('invoice.html', 'text/html')]),
  'a scan': mail([invoice('scan0001.jpg', 'image/jpeg'), logo]),
  'a scan in TIFF': mail([invoice('scan0001.tif', 'image/tiff')]),
  'a photo of a phone': mail([invoice('IMG_0012.HEIC', 'image/heic')]),
  'a scan as image/jpg': mail([invoice('scan.jpg', 'image/jpg')]),
  'a PDF as x-pdf': mail([invoice('RE-4711.pdf', 'application/x-pdf')]),
  'a PDF to be downloaded': mail([invoice('RE-4711.pdf', 'application/force-download')]),
  'a PDF as bytes': mail([invoice('RE-4711.PDF', BYTES)]),
  'a PDF as binary': mail([invoice('RE-4711.pdf', 'binary/octet-stream')]),
  'a PDF as text': mail([invoice('RE-4711.pdf', 'text/plain')]),
  'a PDF called an image, inline': mail([invoice('RE-4711.pdf', 'image/png', INLINE)]),
  'a PDF without an extension': mail([invoice('Rechnung 4711', BYTES)]),
  'a PDF named for its date': mail([invoice('Rechnung vom 12.03.2026', PDF)]),
  'a PDF named for a shop': mail([invoice('Ihre Rechnung von amazon.de', PDF)]),
  'a file without a name': mail([invoice(null, PDF)]),
  'a file without name and type': mail([invoice(null, null)]),
  'a name of RFC 2231': mail([invoice("UTF-8''RE%204711%2Epdf", BYTES)]),
  'a name in RFC 2047': mail([invoice('=?UTF-8?B?UkUtNDcxMS5wZGY=?=', 'image/gif')]),
  'a name in a broken charset': mail([invoice('Rechnung f\uFFFDr M\uFFFDrz.pdf', BYTES)]),
  'a name in UTF-7': mail([invoice('Rechnung f+APw-r.pdf', BYTES)]),
  'a name with dots and blanks behind': mail([invoice('RE-4711.pdf. . ', BYTES)]),
  'a name in full width': mail([invoice('請求書．ｐｄｆ', BYTES)]),
  'a name in Turkish capitals': mail([invoice('FATURA.T\u0130FF', BYTES)]),
  'a second download': mail([invoice('RE-4711.pdf (2)', BYTES)]),
  'a subject in UTF-7': mail([invoice('RE-4711.pdf', PDF)], {
    subject: '=?utf-7?Q?Rechnung_f+APw-r_M+AOQ-rz?=',
  }),
  'a subject with no-break spaces': mail([invoice('RE-4711.pdf', PDF)], {
    subject: 'Rechnung\u00A04711',
  }),
  'no subject and no sender': mail([invoice('RE-4711.pdf', PDF)], { subject: null, from: null }),
  '30 files': mail(
    Array.from({ length: 30 }, (_, n) =>
      n < 20
        ? invoice(`RE-${n}.pdf`, PDF)
        : other(`foto-${n}.png`, 'image/png', { ...INLINE, size: 9_000 }),
    ),
  ),
  'only a link in the text': mail([], { bodyPreview: 'Ihre Rechnung: https://shop.example/r/1' }),
  'only text': mail([], { bodyPreview: 'Rechnung Nr. 4711 über 119,00 EUR, zahlbar in 14 Tagen' }),
  // By what is said of it nobody can tell it from a logo.
  'a pasted scan': mail([other('image001.png', 'image/png', { ...INLINE, size: 900_000 })]),
  'photos that are no invoices': mail([
    other('IMG_1.jpg', 'image/jpeg'),
    other('IMG_2.jpg', 'image/jpeg'),
  ]),
  'a newsletter': mail([logo, other('banner.gif', 'image/gif', INLINE)]),
  'a contract': mail([
    other(
      'Vertrag.docx',
      'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    ),
  ]),
  'a contact': mail([other('Meier.vcf', 'text/vcard')]),
  'a film': mail([other('demo.mp4', 'video/mp4')]),
};
