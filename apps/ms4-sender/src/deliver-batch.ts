import type { MessageState } from '@ms1/contracts';
import { Ms4AuthError, Ms4ThrottledError, Ms4UnavailableError } from '@ms1/ms4-client';
import { DeadLetterError } from '@ms1/queue';
import { HttpTimeoutError } from '@ms1/resilience';
import type { LearntSize } from './learnt-size.ts';
import { type Fate, type SendCollaborators, sendRecords } from './send-records.ts';
import { type DeliveryEntry, type TakenRecord, takeRecords } from './take-records.ts';

export interface DeliveryBatch {
  readonly entries: readonly DeliveryEntry[];
  /** closes the queue for everybody for `ms` and puts back what is undecided; no attempt is used */
  rateLimit(ms: number): void;
}

export interface DeliveryChange {
  key: string;
  state: MessageState;
  at: number;
  sessionId?: string | null;
  reason?: string;
  receipt?: string;
  /** ms since the epoch */
  receivedAt?: number;
}

export interface DeliverCollaborators {
  ms4: Pick<SendCollaborators, 'storeBatch' | 'openForMs'>;
  ledger: { record(changes: readonly DeliveryChange[]): Promise<void> };
  size: LearntSize;
  clock: { now(): number };
}

/** One line in the log. */
export interface DeliveryReport {
  batchId: string;
  /** records in the request, and what became of them */
  records: number;
  bytes: number;
  requests: number;
  stored: number;
  duplicates: number;
  dead: number;
  retried: number;
  /** back on the queue unjudged: over the size, or because of the pause */
  released: number;
  /** of those: over the bytes of a request */
  overBytes: number;
  /** requests that were answered 413 */
  tooLarge: number;
  /** MS4 throttled, or did not answer in time */
  strained: boolean;
  pauseMs: number;
  /** why the queue is closed for `pauseMs`, or this sender stops: Ms4AuthError */
  pausedBy: Error | null;
}

/** ms that the queue rests when the ledger cannot be written: nothing may be completed without it. */
const LEDGER_PAUSE_MS = 5_000;

/**
 * Delivers the records of one batch and gives each job its own end. The order of effects: MS4's verdict,
 * then the ledger, then the job's completion; a crash between two of them sends the record again, which
 * MS4 answers `duplicate`.
 */
export function createDeliverBatch({ ms4, ledger, size, clock }: DeliverCollaborators) {
  return async (batch: DeliveryBatch, signal: AbortSignal): Promise<DeliveryReport> => {
    const taken = takeRecords(batch.entries, size.bytesMax());
    const items = [...taken.records.values()].map(({ item }) => item);
    let tooLarge = 0;
    const onTooLarge = (bytes: number): void => {
      tooLarge += 1;
      size.tooLarge(bytes);
    };
    const collaborators = { ...ms4, onTooLarge };
    const sent = await sendRecords(items, collaborators, signal);

    const decided: (() => void)[] = [];
    const changes: DeliveryChange[] = [];
    const report: DeliveryReport = {
      batchId: sent.batchId,
      records: items.length,
      bytes: taken.bytes,
      requests: sent.requests,
      stored: 0,
      duplicates: 0,
      dead: taken.unparsable.length,
      retried: 0,
      released: taken.released + items.length - sent.fates.size,
      overBytes: taken.released,
      tooLarge,
      strained: isStrain(sent.pause?.cause),
      pauseMs: sent.pause?.ms ?? 0,
      pausedBy: sent.pause?.cause ?? null,
    };
    const at = clock.now();
    for (const { entry, key } of taken.unparsable) {
      if (key) changes.push({ key, state: 'dead', at, reason: 'payload_invalid' });
      decided.push(() => entry.fail(new DeadLetterError('payload_invalid')));
    }
    for (const [key, fate] of sent.fates) {
      const record = taken.records.get(key);
      if (!record) continue;
      count(report, fate);
      const end = endOf(record, fate);
      decided.push(end.decide);
      const { sessionId, receivedAt } = record;
      if (end.change) changes.push({ key, at, sessionId, receivedAt, ...end.change });
    }

    try {
      if (changes.length > 0) await ledger.record(changes);
    } catch (cause) {
      // Verdicts are not lost by this: MS4 will say `duplicate`.
      batch.rateLimit(LEDGER_PAUSE_MS);
      const pausedBy = new Error('the ledger cannot be written', { cause });
      return { ...report, released: items.length, pauseMs: LEDGER_PAUSE_MS, pausedBy };
    }
    for (const decide of decided) decide();
    // Credentials are this process's own: the others' may be good, so the queue stays open for them.
    if (sent.pause?.cause instanceof Ms4AuthError) {
      for (const entry of batch.entries) entry.release();
    } else if (sent.pause) batch.rateLimit(sent.pause.ms);
    return report;
  };
}

function isStrain(cause: unknown): boolean {
  if (cause instanceof Ms4ThrottledError) return true;
  return cause instanceof Ms4UnavailableError && cause.cause instanceof HttpTimeoutError;
}

interface End {
  decide: () => void;
  change?: { state: MessageState; receipt?: string; reason?: string };
}

function endOf({ entry }: TakenRecord, fate: Fate): End {
  switch (fate.kind) {
    case 'delivered':
      return {
        decide: () => entry.complete(),
        change: { state: 'delivered', receipt: fate.receipt },
      };
    case 'dead':
      return {
        decide: () => entry.fail(new DeadLetterError(fate.reason)),
        change: { state: 'dead', reason: fate.reason },
      };
    case 'retry': {
      const last = entry.job.attemptsMade + 1 >= (entry.job.opts.attempts ?? 1);
      const decide = (): void => entry.fail(new Error(fate.code));
      return last
        ? { decide, change: { state: 'dead', reason: 'attempts_exhausted' } }
        : { decide };
    }
  }
}

function count(report: DeliveryReport, fate: Fate): void {
  if (fate.kind === 'dead') report.dead += 1;
  else if (fate.kind === 'retry') report.retried += 1;
  else if (fate.duplicate) report.duplicates += 1;
  else report.stored += 1;
}
