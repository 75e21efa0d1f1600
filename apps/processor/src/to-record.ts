import {
  type Address,
  type Attachment,
  type IngestMessage,
  type MessageMetadata,
  type MessageRecord,
  messageKey,
  OUTBOUND_BYTES_MAX,
} from '@ms1/contracts';

/**
 * The record MS4 stores. The same inbound job always becomes the same bytes (`ingestedAt` is when the
 * message was noticed, not when this ran), so that a job that runs twice cannot contradict itself.
 *
 * Recipients are cut from the end (cc, then reply-to, then to) until the JSON of the record fits
 * `bytesMax`; attachments never are, so a record with hundreds of them may stay larger.
 */
export function toRecord(
  message: IngestMessage,
  metadata: MessageMetadata,
  attachments: Attachment[],
  bytesMax: number = RECORD_BYTES_MAX,
): MessageRecord {
  const { hasAttachments: _, ...stored } = metadata;
  const record: MessageRecord = {
    id: messageKey(message),
    schemaVersion: 1,
    sessionId: message.sessionId,
    mailbox: message.mailboxId,
    messageId: message.messageId,
    source: message.source,
    ingestedAt: message.noticedAt,
    ...stored,
    attachments,
  };
  let excess = bytesOf(record) - bytesMax;
  for (const list of ['cc', 'replyTo', 'to'] as const) {
    if (excess <= 0) break;
    const { kept, saved } = cut(record[list], excess);
    record[list] = kept;
    excess -= saved;
  }
  return record;
}

/** what remains of the payload's bytes without {"v":1,"record":} around the record */
const RECORD_BYTES_MAX = OUTBOUND_BYTES_MAX - 20;

/** Leaves away as few from the end as save `excess` bytes: each its JSON and the comma before it. */
function cut(addresses: readonly Address[], excess: number): { kept: Address[]; saved: number } {
  const kept = [...addresses];
  let saved = 0;
  while (saved < excess) {
    const last = kept.pop();
    if (!last) break;
    saved += bytesOf(last) + (kept.length > 0 ? 1 : 0);
  }
  return { kept, saved };
}

function bytesOf(value: object): number {
  return Buffer.byteLength(JSON.stringify(value));
}
