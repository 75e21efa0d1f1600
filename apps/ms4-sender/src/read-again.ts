import { type IngestMessage, jobIdOf, messageKey } from '@ms1/contracts';

import type { StrippedEntry } from './take-records.ts';

export interface ReadAgainOptions {
  /** of a mailbox, also a removed one; undefined: the directory has never heard of it */
  tenantOf: (mailboxId: string) => Promise<string | undefined>;
  /** adds the message to `inbound` if and only if the entry is completed */
  handOver: (entry: StrippedEntry['entry'], data: IngestMessage, jobId: string) => void;
}

export type ReadAgain = (
  stripped: readonly StrippedEntry[],
) => Promise<{ putBack: number; unknown: StrippedEntry[] }>;

/**
 * Puts messages whose records have lost their personal data back on `inbound`, so that they are read from the mailbox
 * again. The step that does so also ends the job here: the message is never nowhere and never twice.
 */
export function createReadAgain({ tenantOf, handOver }: ReadAgainOptions): ReadAgain {
  return async (stripped) => {
    const unknown: StrippedEntry[] = [];
    let putBack = 0;
    for (const one of stripped) {
      const { entry, key, message } = one;
      let tenantId: string | undefined;
      try {
        tenantId = await tenantOf(message.mailboxId);
      } catch {
        // Redis is away: undecided, it goes back to where it was.
        continue;
      }
      // The key tells whether that is the tenant whose message it was.
      if (tenantId === undefined || messageKey({ ...message, tenantId }) !== key) {
        unknown.push(one);
        continue;
      }
      handOver(entry, { v: 1, tenantId, ...message }, jobIdOf(key));
      entry.complete();
      putBack += 1;
    }
    return { putBack, unknown };
  };
}
