import type { Address, MessageMetadata } from '@ms1/contracts';

import { cleanText } from './clean-text.ts';
import type { GraphMessage, GraphRecipient } from './graph-message.ts';

/** characters of bodyPreview; Graph sends at most as many (Graph contract 5.2) */
const PREVIEW_LENGTH_MAX = 255;
/** The time of a message that names none. Fixed, because a message must always become the same record. */
const NO_TIME = '1970-01-01T00:00:00.000Z';

/** The metadata of a message as Graph sent it: same message, same result. */
export function toMetadata(message: GraphMessage): MessageMetadata {
  return {
    internetMessageId: cleanText(message.internetMessageId),
    conversationId: cleanText(message.conversationId),
    subject: cleanText(message.subject),
    from: toAddress(message.from),
    sender: toAddress(message.sender),
    to: toAddresses(message.toRecipients),
    cc: toAddresses(message.ccRecipients),
    replyTo: toAddresses(message.replyTo),
    receivedAt:
      toUtc(message.receivedDateTime) ??
      toUtc(message.createdDateTime) ??
      toUtc(message.sentDateTime) ??
      NO_TIME,
    sentAt: toUtc(message.sentDateTime),
    importance: toImportance(message.importance),
    bodyPreview: cleanText(message.bodyPreview, PREVIEW_LENGTH_MAX),
    webLink: cleanText(message.webLink),
    hasAttachments: message.hasAttachments ?? false,
  };
}

/** null for a recipient that names neither an address nor a person. */
function toAddress(recipient: GraphRecipient | null | undefined): Address | null {
  const address = cleanText(recipient?.emailAddress?.address);
  const name = cleanText(recipient?.emailAddress?.name);
  return address === null && name === null ? null : { address, name };
}

function toAddresses(recipients: GraphMessage['toRecipients']): Address[] {
  return (recipients ?? []).map(toAddress).filter((address) => address !== null);
}

/**
 * RFC 3339 UTC with milliseconds; null for what is no time. Graph sends offsets and seven fractional
 * digits at times (Graph contract 1.2), and leaves the zone out of none: a time without one is UTC.
 */
function toUtc(value: string | null | undefined): string | null {
  if (!value || !/^\d{4}-\d{2}-\d{2}T/.test(value)) return null;
  const zoned = /(Z|[+-]\d{2}:\d{2})$/i.test(value) ? value : `${value}Z`;
  const date = new Date(zoned);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}

/** An importance that is not known yet is normal importance. */
function toImportance(value: string | null | undefined): MessageMetadata['importance'] {
  const importance = value?.toLowerCase();
  return importance === 'low' || importance === 'high' ? importance : 'normal';
}
