import type { MessageRecord } from '@ms1/contracts';
import { isPlausible } from '@ms1/graph-client';
import type { LookupIndex } from '@ms1/ledger';

/** Indexes records for lookup. Mail goes on without it: who looks in vain still has key and message id. */
export function indexRecords(
  index: Pick<LookupIndex, 'add'>,
  onError: (error: unknown) => void,
): (records: readonly MessageRecord[]) => Promise<void> {
  return async (records) => {
    try {
      await index.add(
        records.map((record) => ({
          key: record.id,
          mailboxId: record.mailbox,
          receivedAt: dayToLookAt(record),
          internetMessageId: record.internetMessageId,
          sender: record.from?.address ?? record.sender?.address ?? null,
          subject: record.subject,
        })),
      );
    } catch (error) {
      onError(error);
    }
  };
}

/** Nobody looks for mail in the year 4501, and what is indexed under it is kept until then. */
function dayToLookAt({ receivedAt, ingestedAt }: MessageRecord): number {
  const [received, noticed] = [Date.parse(receivedAt), Date.parse(ingestedAt)];
  return isPlausible(received, noticed) ? received : noticed;
}
