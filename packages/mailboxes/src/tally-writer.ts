import type { Tallied, TallyCount, TallyStore } from './tally-store.ts';

/** ms from received by Exchange to MS4's verdict: 99 % of the mail are to take no longer (docs/performance.md). */
const OBJECTIVE_MS = 60_000;

/** A message that MS4 has. */
interface DeliveredMail {
  mailboxId: string;
  /** what noticed it */
  source: string;
  /** ms since the epoch, by Exchange */
  receivedAt: number;
  /** ms since the epoch */
  deliveredAt: number;
}

/**
 * Counts what becomes of mail, one write for all that is told in one go. What cannot be counted is lost: mail does not
 * wait for its statistics.
 */
export class TallyWriter {
  readonly #store: Pick<TallyStore, 'add'>;
  readonly #onError: (error: unknown) => void;
  #counts: TallyCount[] = [];
  #writing = Promise.resolve();

  constructor(store: Pick<TallyStore, 'add'>, onError: (error: unknown) => void) {
    this.#store = store;
    this.#onError = onError;
  }

  count(mailboxId: string, ...counted: readonly Tallied[]): void {
    if (this.#counts.length === 0) setImmediate(() => this.#write());
    for (const one of counted) this.#counts.push({ mailboxId, counted: one, by: 1 });
  }

  delivered({ mailboxId, source, receivedAt, deliveredAt }: DeliveredMail): void {
    // The past that a session brings in is late by its nature.
    const isTimed = source !== 'backfill';
    const isLate = isTimed && deliveredAt - receivedAt > OBJECTIVE_MS;
    this.count(mailboxId, 'delivered', ...(isTimed ? (['timed'] as const) : []));
    if (isLate) this.count(mailboxId, 'late');
  }

  /** waits until what was told is written */
  async flush(): Promise<void> {
    this.#write();
    await this.#writing;
  }

  #write(): void {
    const counts = this.#counts;
    this.#counts = [];
    if (counts.length === 0) return;
    this.#writing = this.#writing.then(() => this.#store.add(counts)).catch(this.#onError);
  }
}
