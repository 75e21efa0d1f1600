import type { Container } from '@ms1/contracts';

/** What a type or a name says that a file is. */
export type FileType =
  /** a document of a type that invoices come in */
  | 'document'
  /** an image that may be a scanned paper */
  | 'scan'
  | 'text'
  | 'link'
  | Container['format']
  /** what is known, and no invoice */
  | 'other'
  /** something that runs; only by names that no domain ends in, for mail calls files after shops */
  | 'program'
  /** it does not say */
  | 'unsaid';

/** By extension; and by subtype without `x-` and `vnd.`, because application/x-pdf and image/jpg are not to be missed. */
const WORDS: readonly (readonly [FileType, string])[] = [
  [
    'document',
    'pdf acrobat xps oxps doc docm docx dot dotx rtf richtext odt ott xls xlsb xlsm xlsx xlt xltx ods csv tsv ' +
      'xml ubl cii json htm html xhtml edi edifact x12 idoc pages numbers ps postscript ' +
      'msword ms-word word msexcel ms-excel excel comma-separated-values edi-x12 edi-consent',
  ],
  ['scan', 'tif tiff jpg jpeg jpe jfif pjpeg png bmp ms-bmp heic heif webp jp2'],
  ['text', 'txt plain log md'],
  ['eml', 'eml emlx mht mhtml mbox'],
  ['msg', 'msg oft ms-outlook'],
  [
    'archive',
    'zip zipx rar 7z tar gz tgz gzip gtar bz bz2 bzip2 xz z zst zstd lz lzh lha arj ace cab sit asice asics sce bdoc ' +
      'zip-compressed 7z-compressed rar-compressed tar-gz compressed compress',
  ],
  ['p7m', 'p7m p7z tsd pkcs7-mime'],
  ['p7s', 'p7s pkcs7-signature'],
  ['tnef', 'tnef ms-tnef'],
  ['rpmsg', 'rpmsg microsoft-rpmsg-message'],
  ['pgp', 'pgp gpg asc'],
  ['link', 'url webloc website internet-shortcut mswinurl'],
  [
    'other',
    'gif svg ico emf emz wmf wmz icon psd photoshop dwg dxf ' +
      'ics ifb vcs vcf vcard calendar contact mp3 mp4 m4a m4v wav wma wmv avi mov mkv ogg flac mid mpeg mpg ' +
      'ttf otf woff woff2 eot css ppt pps pptx ppsx pptm odp key keynote ms-powerpoint powerpoint vsd vsdx mpp ' +
      'p7b p7c cer crt der pem pfx p12 sig crl pkix-cert x509-ca-cert pkcs7-certificates pgp-encrypted pgp-signature ' +
      'pgp-keys db sqlite ds_store pst ost epub mobi delivery-status disposition-notification rfc822-headers app one sh',
  ],
  [
    'program',
    'exe scr pif bat cmd msi msp js jse vbs vbe wsf wsh hta ps1 psm1 lnk jar apk dmg pkg deb rpm iso img vhd vhdx dll ' +
      'cpl chm reg scf inf sys xll msdownload dosexec msdos-program javascript java-archive ms-installer',
  ],
];
const TYPES = new Map(
  WORDS.flatMap(([type, words]) => words.split(' ').map((word) => [word, type])),
);

const NAMES = new Map<string, FileType>([
  ['winmail.dat', 'tnef'],
  ['win.dat', 'tnef'],
  ['signature.asc', 'other'],
  ['publickey.asc', 'other'],
]);

export function typeOfExtension(extension: string): FileType {
  return TYPES.get(extension) ?? 'unsaid';
}

/** By its whole name, where that is one that programs give. */
export function typeOfName(name: string): FileType | undefined {
  return NAMES.get(name);
}

/** @param type in lower case, without parameters */
export function typeOfContent(type: string): FileType {
  const slash = type.indexOf('/');
  const family = type.slice(0, Math.max(slash, 0));
  const subtype = type.slice(slash + 1).replace(/^(?:x-|vnd\.)+/, '');
  const known = TYPES.get(subtype);
  if (family === 'message') {
    return subtype === 'external-body' ? 'link' : (known ?? 'eml');
  }
  if (family === 'multipart') return subtype === 'signed' ? 'p7m' : 'unsaid';
  if (known) return known;
  if (['audio', 'video', 'font', 'image', 'model'].includes(family)) return 'other';
  return typeOfOffice(subtype) ?? (family === 'text' ? 'text' : 'unsaid');
}

function typeOfOffice(subtype: string): FileType | undefined {
  if (/^ms-(?:excel|word)\./.test(subtype)) return 'document';
  const [, kind] =
    /^(?:openxmlformats-officedocument|oasis\.opendocument)\.(\w+)/.exec(subtype) ?? [];
  if (kind) return /^(?:word|spreadsheet|text)/.test(kind) ? 'document' : 'other';
  if (subtype.endsWith('+xml')) return 'document';
  return subtype.endsWith('+zip') ? 'archive' : undefined;
}
