import { keyOfJobId, type LedgerChange } from '@ms1/contracts';
import type { Ledger } from '@ms1/ledger';
import type { Clock } from '@ms1/runtime';

export interface PreparedRecorder {
  /** a job of `inbound` is completed, and with it its outbound job exists */
  completed(job: { id?: string | undefined; data: unknown }): void;
  /** waits until what was told is written */
  flush(): Promise<void>;
}

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
}): PreparedRecorder {
  const { ledger, clock, onError } = options;
  let changes: LedgerChange[] = [];
  let writing = Promise.resolve();

  const write = (): void => {
    const batch = changes;
    changes = [];
    if (batch.length > 0) writing = writing.then(() => ledger.record(batch)).catch(onError);
  };
  return {
    completed({ id = '', data }) {
      const key = keyOfJobId(id);
      if (key === undefined) return;
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
    async flush() {
      write();
      await writing;
    },
  };
}
