import type { Attachment, MailKind, MessageMetadata } from '@ms1/contracts';

/** The most telling first: a report of a signed mail is a report. */
const ORDER: readonly MailKind[] = [
  'draft',
  'meeting',
  'bounce',
  'receipt',
  'auto_reply',
  'encrypted',
  'signed',
  'list',
];

/** Parts of a mail that Exchange lists as its files, and what a mail is that has them. */
const PARTS = new Map<string, MailKind>([
  ['message/delivery-status', 'bounce'],
  ['message/disposition-notification', 'receipt'],
  ['application/pgp-encrypted', 'encrypted'],
  ['multipart/encrypted', 'encrypted'],
  ['application/pgp-signature', 'signed'],
]);

/** RFC 8551: what else smime.p7m may hold than what is encrypted. */
const HELD = new Map<string, MailKind | undefined>([
  ['signed-data', 'signed'],
  ['compressed-data', undefined],
  ['certs-only', undefined],
]);

/**
 * What a mail is, by what the message and its headers say, as far as they were asked for, and by the parts it is made of;
 * never by its subject, which is anybody's text.
 */
export function kindOfMail(
  { kind }: Pick<MessageMetadata, 'kind'>,
  attachments: readonly Attachment[],
): MailKind {
  const kinds = attachments.map(kindOfPart);
  kinds.push(kind);
  return ORDER.find((one) => kinds.includes(one)) ?? 'mail';
}

function kindOfPart({ contentType, container }: Attachment): MailKind | undefined {
  const claimed = contentType?.slice(0, 1_024).toLowerCase() ?? '';
  const type = claimed.split(';', 1)[0]?.trim() ?? '';
  const part = PARTS.get(type);
  if (part) return part;
  const { format, inside } = container ?? {};
  if (format === 'rpmsg') return 'encrypted';
  if (format === 'p7s' && inside !== 'file') return 'signed';
  if (format !== 'p7m' || inside !== 'message') return undefined;
  if (type === 'multipart/signed') return 'signed';
  const held = /smime-type="?([\w-]+)/.exec(claimed)?.[1] ?? '';
  return HELD.has(held) ? HELD.get(held) : 'encrypted';
}
