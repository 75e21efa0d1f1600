import { type FolderRef, folderKey, isRevocable, type LedgerEntry } from '@ms1/contracts';

/** Ids remembered in all: 200 bytes each are 20 MB. */
const IDS_MAX = 100_000;

/** A look at one folder. */
export interface SettledLook {
  /** Was it settled at the look before? */
  has: (messageId: string) => boolean;
  /** What this look found settled, for the next one. */
  keep: (messageIds: ReadonlySet<string>) => void;
}

/**
 * What the last re-look of each folder found settled. A message is listed by six re-looks, and one that is settled stays
 * so: asking the ledger once is enough. Whoever holds this must {@link forget} it when Redis may have lost its last writes.
 */
export class SettledMessages {
  #ids = new Map<string, ReadonlySet<string>>();
  #size = 0;

  look(folder: FolderRef): SettledLook {
    const key = folderKey(folder);
    const of = this.#ids;
    const before = of.get(key);
    return {
      has: (messageId) => before?.has(messageId) ?? false,
      keep: (messageIds) => {
        // What was learnt before it was forgotten must not come back after.
        if (of === this.#ids) this.#keep(key, messageIds);
      },
    };
  }

  forget(): void {
    this.#ids = new Map();
    this.#size = 0;
  }

  #keep(key: string, ids: ReadonlySet<string>): void {
    this.#drop(key);
    this.#ids.set(key, ids);
    this.#size += ids.size;
    // Those that were looked at longest ago go first.
    for (const oldest of this.#ids.keys()) {
      if (this.#size <= IDS_MAX) return;
      this.#drop(oldest);
    }
  }

  #drop(key: string): void {
    this.#size -= this.#ids.get(key)?.size ?? 0;
    this.#ids.delete(key);
  }
}

/** Has it come to its end? What is on its way may yet be lost, or be skipped in vain. */
export function isSettled(entry: LedgerEntry | null | undefined): boolean {
  if (!entry || entry.state === 'queued' || entry.state === 'prepared') return false;
  return entry.state !== 'skipped' || !isRevocable(entry.reason);
}
