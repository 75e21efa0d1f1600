import {
  type Attachment,
  type IngestMessage,
  type MailFlag,
  type MessageMetadata,
  type MessageRecord,
  messageKey,
  type SameAs,
} from '@ms1/contracts';

import { fitRecord } from './fit-record.ts';
import { kindOfMail } from './kind-of-mail.ts';

/**
 * The record MS4 stores. The same inbound job always becomes the same bytes (`ingestedAt` is when the
 * message was noticed, not when this ran), so that a job that runs twice cannot contradict itself.
 */
export function toRecord(
  message: IngestMessage,
  metadata: MessageMetadata,
  attachments: Attachment[],
  { flags = [], sameAs = null }: { flags?: MailFlag[]; sameAs?: SameAs | null } = {},
): MessageRecord {
  const { hasAttachments: _, ...stored } = metadata;
  return fitRecord({
    id: messageKey(message),
    schemaVersion: 1,
    sessionId: message.sessionId,
    mailbox: message.mailboxId,
    messageId: message.messageId,
    source: message.source,
    ingestedAt: message.noticedAt,
    ...stored,
    kind: kindOfMail(metadata, attachments),
    ...(flags.length > 0 && { flags }),
    attachments,
    ...(sameAs && { sameAs }),
  });
}
