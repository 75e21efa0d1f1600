import {
  type IngestMessage,
  type MessageMetadata,
  type MessageRecord,
  messageKey,
} from '@ms1/contracts';
import { isPlausible } from '@ms1/graph-client';
import type { IndexedMessage, LookupIndex } from '@ms1/ledger';

/** A message that ended without a record, with what was read of it. */
export interface Ended {
  message: IngestMessage;
  metadata: MessageMetadata | undefined;
  isSkipped: boolean;
}

export type IndexMail = (
  records: readonly MessageRecord[],
  ended: readonly Ended[],
) => Promise<void>;

/** Indexes mail for lookup. Mail goes on without it: who looks in vain still has key and message id. */
export function indexRecords(
  index: Pick<LookupIndex, 'add'>,
  onError: (error: unknown) => void,
): IndexMail {
  return async (records, ended) => {
    try {
      await index.add([...records.map(ofRecord), ...ended.map(ofEnded)]);
    } catch (error) {
      onError(error);
    }
  };
}

function ofRecord(record: MessageRecord): IndexedMessage {
  return {
    key: record.id,
    mailboxId: record.mailbox,
    ...ofMetadata(record),
    ...dayToLookAt(record.receivedAt, record.ingestedAt),
    // A picture in its text is a file that nobody knows of.
    files: record.attachments.flatMap(({ name, isInline }) => (name && !isInline ? [name] : [])),
  };
}

function ofEnded({ message, metadata, isSkipped }: Ended): IndexedMessage {
  return {
    key: messageKey(message),
    mailboxId: message.mailboxId,
    ...ofMetadata(metadata),
    ...dayToLookAt(metadata?.receivedAt, message.noticedAt),
    isSkipped,
  };
}

type Known = Pick<MessageMetadata, 'internetMessageId' | 'from' | 'sender' | 'subject'>;

function ofMetadata(known: Known | undefined) {
  return {
    internetMessageId: known?.internetMessageId ?? null,
    sender: known?.from?.address ?? known?.sender?.address ?? null,
    senderName: known?.from?.name ?? known?.sender?.name ?? null,
    subject: known?.subject ?? null,
  };
}

/** Nobody looks for mail in the year 4501, and what is indexed under it is kept until then. */
function dayToLookAt(
  receivedAt: string | undefined,
  noticedAt: string,
): Pick<IndexedMessage, 'receivedAt' | 'isReceived'> {
  const [received, noticed] = [Date.parse(receivedAt ?? ''), Date.parse(noticedAt)];
  return isPlausible(received, noticed)
    ? { receivedAt: received, isReceived: true }
    : { receivedAt: noticed, isReceived: false };
}
