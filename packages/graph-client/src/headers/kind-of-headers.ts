import type { MailKind } from '@ms1/contracts';

import { type Header, headerOf } from './internet-headers.ts';

/**
 * What its headers say that a mail is; undefined: nothing but mail. Their sender has written them, so they are good for
 * telling what it is and no proof of anything. The most telling first: a report on a list is a report.
 */
export function kindOfHeaders(headers: readonly Header[]): MailKind | undefined {
  const of = (name: string): string => headerOf(headers, name).toLowerCase();
  const type = of('content-type');
  const report = /^multipart\/report\b.*\breport-type\s*=\s*"?([\w-]+)/.exec(type)?.[1];
  if (report === 'delivery-status' || isThere(headers, BOUNCED)) return 'bounce';
  if (report === 'disposition-notification') return 'receipt';
  if (isAutoReply(headers, of)) return 'auto_reply';
  // RFC 5321, 4.5.5: whoever writes as nobody wants no answer, and is a report of a server.
  if (of('return-path') === '<>') return 'bounce';
  if (/^(?:multipart\/encrypted|application\/(?:x-)?microsoft-rpmsg-message)\b/.test(type)) {
    return 'encrypted';
  }
  const held = PKCS7.exec(type);
  if (held && held[1] !== 'compressed-data') {
    return SIGNED.includes(held[1] ?? '') ? 'signed' : 'encrypted';
  }
  if (/^multipart\/signed\b/.test(type)) return 'signed';
  return isThere(headers, LISTED) || of('precedence') === 'list' ? 'list' : undefined;
}

/** Exchange's own mark of a report, and that of Exim and of Google. */
const BOUNCED = ['x-ms-exchange-message-is-ndr', 'x-failed-recipients'];
/** RFC 2919 and 2369. List-Unsubscribe is in whatever is sent in bulk, invoices too. */
const LISTED = ['list-id', 'list-post', 'mailing-list'];
/** What does not say what it holds may be encrypted (RFC 8551). */
const PKCS7 = /^application\/(?:x-)?pkcs7-mime\b(?:.*\bsmime-type\s*=\s*"?([\w-]+))?/;
const SIGNED = ['signed-data', 'certs-only'];

/**
 * RFC 3834: a program's own answer. What a program sends of itself is `auto-generated`, and so are invoices: only where it
 * answers something, and asks not to be answered by another program, it is a reply.
 */
function isAutoReply(headers: readonly Header[], of: (name: string) => string): boolean {
  const submitted = of('auto-submitted').split(/[\s;(]/, 1)[0];
  if (submitted === 'auto-replied' || submitted === 'auto-notified') return true;
  if (isThere(headers, ['x-autoreply', 'x-autorespond']) || of('precedence') === 'auto_reply') {
    return true;
  }
  const isGenerated =
    submitted === 'auto-generated' ||
    isThere(headers, ['x-auto-response-suppress']) ||
    ['bulk', 'junk'].includes(of('precedence'));
  return isGenerated && isThere(headers, ['in-reply-to', 'x-ms-exchange-inbox-rules-loop']);
}

function isThere(headers: readonly Header[], names: readonly string[]): boolean {
  return headers.some(({ name, value }) => names.includes(name) && value !== '');
}
