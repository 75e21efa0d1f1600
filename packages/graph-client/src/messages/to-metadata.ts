import type { Address, MessageMetadata } from '@ms1/contracts';

import { cleanText } from './clean-text.ts';
import type { GraphMessage, GraphRecipient } from './graph-message.ts';
import { timeOf } from './graph-time.ts';
import { kindOfMessage } from './kind-of-message.ts';

/** characters of bodyPreview; Graph sends at most as many (docs/graph-contract.md#message-properties) */
const PREVIEW_LENGTH_MAX = 255;
/** The time of a message that names none. Fixed, because a message must always become the same record. */
const NO_TIME = '1970-01-01T00:00:00.000Z';

/** The metadata of a message as Graph sent it: same message, same result. */
export function toMetadata(message: GraphMessage): MessageMetadata {
  const kind = kindOfMessage(message);
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
    hasAttachments: message.hasAttachments ?? null,
    ...(kind && { kind }),
    ...(message.unreadable && { unreadable: message.unreadable }),
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

/** RFC 3339 UTC with milliseconds; null for what is no time. */
function toUtc(value: string | null | undefined): string | null {
  const ms = timeOf(value);
  return ms === null ? null : new Date(ms).toISOString();
}

/** An importance that is not known yet is normal importance. */
function toImportance(value: string | null | undefined): MessageMetadata['importance'] {
  const importance = value?.toLowerCase();
  return importance === 'low' || importance === 'high' ? importance : 'normal';
}
