import type { Attachment } from '@ms1/contracts';
import { z } from 'zod';

import { cleanText } from '../messages/clean-text.ts';

/**
 * Properties asked for with $select: without it the list carries every file's bytes
 * (docs/graph-contract.md#attachments).
 */
export const ATTACHMENT_SELECT = 'id,name,contentType,size,isInline';

const text = z.string().nullish();
const members = {
  '@odata.type': text,
  id: z.string().min(1),
  name: text,
  contentType: text,
  size: z.int().nullish(),
  isInline: z.boolean().nullish(),
};
const Listed = z.object(members);
const SomeOfListed = z
  .object({
    '@odata.type': text.catch(null),
    id: z.string().catch(''),
    name: text.catch(null),
    contentType: text.catch(null),
    size: z.int().nullish().catch(null),
    isInline: z.boolean().nullish().catch(null),
  })
  // Something is attached, and nothing of it can be read.
  .catch({ id: '' });

/** An attachment as Graph lists it. A member of an unexpected type or range costs that member alone. */
export const GraphAttachment = z.unknown().transform((item): GraphAttachment => {
  const whole = Listed.safeParse(item);
  if (whole.success) return whole.data;
  const unreadable = new Set(whole.error.issues.map(({ path }) => String(path[0] ?? 'attachment')));
  return { ...SomeOfListed.parse(item), unreadable: [...unreadable] };
});
export type GraphAttachment = z.infer<typeof Listed> & { unreadable?: string[] };

/** What invoices come as: documents, e-invoice XML, scans, and archives or signed containers of these. */
const INVOICE_TYPES =
  /^(application\/(pdf|xml|zip|x-zip-compressed|pkcs7-mime|x-pkcs7-mime|msword|rtf|edifact|edi-x12|vnd\.ms-excel|vnd\.openxmlformats-officedocument\.(spreadsheetml|wordprocessingml)\..+|vnd\.oasis\.opendocument\.(text|spreadsheet)|.+\+xml)|text\/(xml|csv|html)|image\/(tiff|jpeg|png))$/;

/** For files sent without a type that says anything (application/octet-stream is common for PDFs). */
const INVOICE_NAMES = /\.(pdf|xml|zip|p7m|docx?|xlsx?|csv|odt|ods|rtf|edi|tiff?|jpe?g|png)$/;

const IMAGE_NAMES = /\.(tiff?|jpe?g|png)$/;

/** The metadata of an attachment as Graph listed it. */
export function toAttachment(attachment: GraphAttachment): Attachment {
  const kind = toKind(attachment['@odata.type']);
  const name = cleanText(attachment.name);
  const contentType = cleanText(attachment.contentType);
  const isInline = attachment.isInline ?? false;
  return {
    id: cleanText(attachment.id) ?? '',
    name,
    kind,
    contentType,
    ...(typeof attachment.size === 'number' && { size: Math.max(attachment.size, 0) }),
    isInline,
    // Some programs mark every file as inline; an image that is embedded is a logo.
    invoiceCandidate:
      kind === 'file' &&
      couldBeInvoice(name, contentType) &&
      !(isInline && isImage(name, contentType)),
    ...(attachment.unreadable && { unreadable: attachment.unreadable }),
  };
}

function couldBeInvoice(name: string | null, contentType: string | null): boolean {
  const type = typeOf(contentType);
  return INVOICE_TYPES.test(type) || (isVague(type) && INVOICE_NAMES.test(toLower(name)));
}

function isImage(name: string | null, contentType: string | null): boolean {
  const type = typeOf(contentType);
  return type.startsWith('image/') || (isVague(type) && IMAGE_NAMES.test(toLower(name)));
}

function typeOf(contentType: string | null): string {
  return contentType?.split(';')[0]?.trim().toLowerCase() ?? '';
}

function isVague(type: string): boolean {
  return type === '' || type === 'application/octet-stream' || type === 'text/plain';
}

function toLower(name: string | null): string {
  return name?.toLowerCase() ?? '';
}

/**
 * The type is spelled with and without `#`, in either case; one that is not known is a file
 * (docs/graph-contract.md#attachments).
 */
function toKind(type: string | null | undefined): Attachment['kind'] {
  const name = type?.toLowerCase() ?? '';
  if (name.endsWith('itemattachment')) return 'item';
  return name.endsWith('referenceattachment') ? 'reference' : 'file';
}
