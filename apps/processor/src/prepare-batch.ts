import { hydrate } from './hydrate.ts';
import { Preparation, type PrepareCollaborators, type PrepareEntry } from './preparation.ts';
import { emptyReport, type PrepareReport } from './prepare-report.ts';

export interface PrepareBatch {
  readonly entries: readonly PrepareEntry[];
  /** closes the queue for everybody for `ms` and puts back what is undecided; no attempt is used */
  rateLimit(ms: number): void;
  /** settles what is decided by now */
  flush(): Promise<void>;
}

/** ms that the queue rests when the ledger cannot be written: nothing may end without it */
const LEDGER_PAUSE_MS = 5_000;

/**
 * Prepares the messages of one batch: completes them from Graph, makes records of them and hands each
 * over to `outbound`. Every message ends by its own outcome; whatever is wrong with one, its neighbours
 * go on. Skips and dead letters are in the ledger before their jobs end.
 *
 * @throws the signal's reason
 */
export function createPrepareBatch(collaborators: PrepareCollaborators) {
  const { reader, rulesOf = () => ({}), allHeaders = false } = collaborators;

  const prepare = async (
    entries: readonly PrepareEntry[],
    report: PrepareReport,
    signal: AbortSignal,
  ): Promise<void> => {
    const run = new Preparation(collaborators, report);
    const noticed = entries.flatMap((entry) => run.read(entry));
    const outcomes = await hydrate(
      noticed.map(({ message }) => message),
      { reader, rulesOf, allHeaders },
      signal,
    );
    await run.link(noticed, outcomes);
    try {
      noticed.forEach((one, index) => run.judge(one, outcomes[index]));
      await run.settle();
    } catch (cause) {
      throw new LedgerError(cause);
    }
  };

  return async (batch: PrepareBatch, signal: AbortSignal): Promise<PrepareReport> => {
    const report = emptyReport();
    // What went first on the queue does not wait here either for a mailbox that floods.
    const first = batch.entries.filter(({ job }) => job.opts.lifo);
    const others = batch.entries.filter(({ job }) => !job.opts.lifo);
    const isMixed = first.length > 0 && others.length > 0;
    const ends = await Promise.allSettled([
      prepare(first, report, signal).then(() => (isMixed ? batch.flush() : undefined)),
      prepare(others, report, signal),
    ]);
    for (const end of ends) {
      if (end.status === 'fulfilled') continue;
      if (!(end.reason instanceof LedgerError)) throw end.reason;
      batch.rateLimit(LEDGER_PAUSE_MS);
      return { ...report, pauseMs: LEDGER_PAUSE_MS, pausedBy: end.reason };
    }
    return report;
  };
}

/** Nothing of it is decided. */
class LedgerError extends Error {
  constructor(cause: unknown) {
    super('the ledger cannot be written', { cause });
    this.name = 'LedgerError';
  }
}
