import { keyOfJobId, type LedgerChange } from '@ms1/contracts';
import type { Ledger } from '@ms1/ledger';
import { isLostJob } from '@ms1/queue';
import { type Clock, failpoint } from '@ms1/runtime';

/**
 * Tells the ledger which messages are prepared, one write a batch. It listens to completions because
 * that is when the outbound job exists: written earlier, a crash in between would leave a message that
 * is "prepared" and queued nowhere. Lost by a crash, the message stays `queued` in the ledger until
 * MS4's verdict moves it on; written late, after the verdict, it changes nothing.
 */
export function createPreparedRecorder(options: {
  ledger: Pick<Ledger, 'record'>;
  clock: Clock;
  onError: (error: unknown) => void;
}) {
  const { ledger, clock, onError } = options;
  let changes: LedgerChange[] = [];
  let writing = Promise.resolve();

  const write = (): void => {
    const batch = changes;
    changes = [];
    if (batch.length === 0) return;
    writing = writing
      .then(() => failpoint('processor:after-settle'))
      .then(() => ledger.record(batch))
      .catch(onError);
  };
  return {
    /** a job of `inbound` is completed, and with it its outbound job exists */
    completed({ id = '', data }: { id?: string | undefined; data: unknown }): void {
      const key = keyOfJobId(id);
      if (key === undefined || isLostJob({ data })) return;
      // The completions of a batch are told in one go: whatever is here at the next turn is one write.
      if (changes.length === 0) setImmediate(write);
      const { sessionId } = data as { sessionId?: unknown };
      changes.push({
        key,
        state: 'prepared',
        at: clock.now(),
        sessionId: typeof sessionId === 'string' ? sessionId : null,
      });
    },
    /** waits until what was told is written */
    async flush(): Promise<void> {
      write();
      await writing;
    },
  };
}
