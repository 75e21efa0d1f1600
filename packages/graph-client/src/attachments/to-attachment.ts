import type { Attachment } from '@ms1/contracts';
import { z } from 'zod';

import { cleanText } from '../messages/clean-text.ts';

/** Properties asked for with $select: without it the list carries every file's bytes (Graph contract 5.3). */
export const ATTACHMENT_SELECT = 'id,name,contentType,size,isInline';

/** An attachment as Graph lists it. */
export const GraphAttachment = z.object({
  '@odata.type': z.string().nullish(),
  id: z.string().min(1),
  name: z.string().nullish(),
  contentType: z.string().nullish(),
  size: z.number().nullish(),
  isInline: z.boolean().nullish(),
});
export type GraphAttachment = z.infer<typeof GraphAttachment>;

/** What invoices come as: documents, e-invoice XML, scans, and archives or signed containers of these. */
const INVOICE_TYPES =
  /^(application\/(pdf|xml|zip|x-zip-compressed|pkcs7-mime|x-pkcs7-mime|msword|rtf|edifact|edi-x12|vnd\.ms-excel|vnd\.openxmlformats-officedocument\.(spreadsheetml|wordprocessingml)\..+|vnd\.oasis\.opendocument\.(text|spreadsheet)|.+\+xml)|text\/(xml|csv|html)|image\/(tiff|jpeg|png))$/;

/** For files sent without a type that says anything (application/octet-stream is common for PDFs). */
const INVOICE_NAMES = /\.(pdf|xml|zip|p7m|docx?|xlsx?|csv|odt|ods|rtf|edi|tiff?|jpe?g|png)$/;

/** The metadata of an attachment as Graph listed it. */
export function toAttachment(attachment: GraphAttachment): Attachment {
  const kind = toKind(attachment['@odata.type']);
  const name = cleanText(attachment.name);
  const contentType = cleanText(attachment.contentType);
  const isInline = attachment.isInline ?? false;
  return {
    id: attachment.id,
    name,
    kind,
    contentType,
    ...(Number.isInteger(attachment.size) && { size: Math.max(attachment.size ?? 0, 0) }),
    isInline,
    invoiceCandidate: kind === 'file' && !isInline && couldBeInvoice(name, contentType),
  };
}

function couldBeInvoice(name: string | null, contentType: string | null): boolean {
  const type = contentType?.split(';')[0]?.trim().toLowerCase() ?? '';
  if (INVOICE_TYPES.test(type)) return true;
  const vague = type === '' || type === 'application/octet-stream' || type === 'text/plain';
  return vague && INVOICE_NAMES.test(name?.toLowerCase() ?? '');
}

/** The type is spelled with and without `#`, in either case; one that is not known is a file (Graph contract 5.3). */
function toKind(type: string | null | undefined): Attachment['kind'] {
  const name = type?.toLowerCase() ?? '';
  if (name.endsWith('itemattachment')) return 'item';
  return name.endsWith('referenceattachment') ? 'reference' : 'file';
}
