import type { GeneratedAttachment } from './generated-message.ts';

/** First bytes by content type, so that whoever sniffs finds what the name promises. */
const MAGIC: Record<string, string> = {
  'application/pdf': '%PDF-1.7\n%âãÏÓ\n',
  'application/zip': 'PK\u0003\u0004',
  'application/x-zip-compressed': 'PK\u0003\u0004',
  'image/png': '\u0089PNG\r\n\u001a\n',
  'application/xml': '<?xml version="1.0" encoding="UTF-8"?>\n',
  'text/xml': '<?xml version="1.0" encoding="UTF-8"?>\n',
};

/**
 * Small made-up content. `size` of the attachment stays what the metadata says: nobody should need
 * megabytes to try the path that downloads.
 */
export function attachmentBytes(attachment: GeneratedAttachment, core: string): Buffer {
  const magic = MAGIC[attachment.contentType ?? ''] ?? '';
  return Buffer.from(`${magic}<!-- simulated ${core} ${attachment.size} -->\n`, 'latin1');
}
