import type { Attachment } from '@ms1/contracts';
import { z } from 'zod';

import { cleanText } from '../messages/clean-text.ts';
import { judgeFile } from './judge-file.ts';

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
const Listed = z.compile(z.object(members));
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

/** The metadata of an attachment as Graph listed it. */
export function toAttachment(attachment: GraphAttachment): Attachment {
  const kind = toKind(attachment['@odata.type']);
  const name = cleanText(attachment.name);
  const contentType = cleanText(attachment.contentType);
  const isInline = attachment.isInline ?? false;
  const { invoiceCandidate, container } = judgeFile({ kind, name, contentType, isInline });
  return {
    id: cleanText(attachment.id) ?? '',
    name,
    kind,
    contentType,
    ...(typeof attachment.size === 'number' && { size: Math.max(attachment.size, 0) }),
    isInline,
    invoiceCandidate,
    ...(container && { container }),
    ...(attachment.unreadable && { unreadable: attachment.unreadable }),
  };
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
