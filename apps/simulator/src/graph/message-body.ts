import type { GeneratedMessage } from '../generator/generated-message.ts';

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** A body for those who ask for it. Inline images are referred to by `cid:`, the only trace of them. */
export function htmlBody({ bodyPreview, attachments }: GeneratedMessage): string {
  const text = bodyPreview
    .replace(/[&<>"]/g, (char) => ESCAPES[char] ?? char)
    .replaceAll('\r\n', '<br>\r\n');
  const images = attachments
    .flatMap(({ isInline }, position) =>
      isInline ? [`<img src="cid:${contentIdOf(position)}">`] : [],
    )
    .join('');
  return `<html><head>\r\n<meta http-equiv="Content-Type" content="text/html; charset=utf-8"></head><body>${text}${images}</body></html>`;
}

/** The message as MIME, without its attachments: enough for whoever archives the source. */
export function mimeOf({
  internetMessageId,
  from,
  subject,
  bodyPreview,
}: GeneratedMessage): string {
  return [
    `Message-ID: ${internetMessageId}`,
    `From: <${from?.address ?? ''}>`,
    `Subject: =?utf-8?B?${Buffer.from(subject ?? '').toString('base64')}?=`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    '',
    bodyPreview,
    '',
  ].join('\r\n');
}

export function contentIdOf(position: number): string {
  return `image${position}@simulated`;
}
