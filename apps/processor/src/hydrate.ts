import type { Attachment, IngestMessage, MessageMetadata } from '@ms1/contracts';
import type { GraphError } from '@ms1/graph-client';

export interface MessageRef {
  mailboxId: string;
  messageId: string;
}

/** What was read of one message, or why not. */
export type ReadOutcome<T> = { ok: true; value: T } | { ok: false; error: GraphError };

/** Reads many messages in few requests, each with its own outcome, in the order asked. Rejects only when stopped. */
export interface MailReader {
  metadata(
    refs: readonly MessageRef[],
    signal: AbortSignal,
  ): Promise<ReadOutcome<MessageMetadata>[]>;
  attachments(
    refs: readonly MessageRef[],
    signal: AbortSignal,
  ): Promise<ReadOutcome<Attachment[]>[]>;
}

export interface Hydrated {
  metadata: MessageMetadata;
  attachments: Attachment[];
}

/**
 * Completes what was noticed, in the order given: the metadata where no page carried it, then the
 * attachments where there are any. One quota unit for each of the two, none for most messages that a
 * delta page found.
 */
export async function hydrate(
  messages: readonly IngestMessage[],
  reader: MailReader,
  signal: AbortSignal,
): Promise<ReadOutcome<Hydrated>[]> {
  const bare = messages.filter(({ metadata }) => metadata === undefined);
  const fetched = await readAll(bare, (refs) => reader.metadata(refs, signal));
  const metadataOf = (message: IngestMessage): ReadOutcome<MessageMetadata> =>
    message.metadata
      ? { ok: true, value: message.metadata }
      : (fetched.get(message) ?? unanswered());

  const withFiles = messages.filter((message) => {
    const metadata = metadataOf(message);
    return metadata.ok && metadata.value.hasAttachments;
  });
  const files = await readAll(withFiles, (refs) => reader.attachments(refs, signal));

  return messages.map((message) => {
    const metadata = metadataOf(message);
    if (!metadata.ok) return metadata;
    if (!metadata.value.hasAttachments) {
      return { ok: true, value: { metadata: metadata.value, attachments: [] } };
    }
    const attachments = files.get(message) ?? unanswered();
    if (!attachments.ok) return attachments;
    return { ok: true, value: { metadata: metadata.value, attachments: attachments.value } };
  });
}

async function readAll<T>(
  messages: readonly IngestMessage[],
  read: (refs: readonly MessageRef[]) => Promise<ReadOutcome<T>[]>,
): Promise<Map<IngestMessage, ReadOutcome<T>>> {
  if (messages.length === 0) return new Map();
  const outcomes = await read(
    messages.map(({ mailboxId, messageId }) => ({ mailboxId, messageId })),
  );
  return new Map(messages.map((message, index) => [message, outcomes[index] ?? unanswered()]));
}

/** A reader that answers less than it was asked is broken; guessing which answer is whose would mix up mail. */
function unanswered(): never {
  throw new Error('the mail reader left a message unanswered');
}
