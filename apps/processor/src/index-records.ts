import type { MessageRecord } from '@ms1/contracts';
import type { IndexedMessage } from '@ms1/store';

/** Indexes records for lookup. Mail goes on without it: who looks in vain still has key and message id. */
export function indexRecords(
  index: { add(messages: readonly IndexedMessage[]): Promise<void> },
  onError: (error: unknown) => void,
): (records: readonly MessageRecord[]) => Promise<void> {
  return async (records) => {
    try {
      await index.add(
        records.map(({ id, mailbox, receivedAt, internetMessageId, from, sender, subject }) => ({
          key: id,
          mailboxId: mailbox,
          receivedAt: Date.parse(receivedAt),
          internetMessageId,
          sender: from?.address ?? sender?.address ?? null,
          subject,
        })),
      );
    } catch (error) {
      onError(error);
    }
  };
}
