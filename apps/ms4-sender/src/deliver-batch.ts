import type { ContractVersion } from '@ms1/contracts';
import { isMs4Timeout, Ms4AuthError, Ms4ThrottledError } from '@ms1/ms4-client';
import { PayloadSealer } from '@ms1/queue';
import { createSuspects } from './deliver-suspects.ts';
import { DeliveredMemory } from './delivered-memory.ts';
import { type DeliveryReport, emptyReport } from './delivery-report.ts';
import type { Evidence } from './judge-suspect.ts';
import type { LearntSize } from './learnt-size.ts';
import { RequestHeldError } from './pause-for.ts';
import type { ReadAgain } from './read-again.ts';
import { type SendCollaborators, type Sent, sendRecords } from './send-records.ts';
import { createSettlement, LedgerLostError, type SettleCollaborators } from './settle-fates.ts';
import type { SuspectWatch } from './suspect-watch.ts';
import { type DeliveryEntry, takeRecords } from './take-records.ts';

export interface DeliveryBatch {
  readonly entries: readonly DeliveryEntry[];
  /** closes the queue for everybody for `ms` and puts back what is undecided; no attempt is used */
  rateLimit(ms: number): void;
}

export interface DeliverCollaborators extends Omit<SettleCollaborators, 'memory'> {
  ms4: Pick<SendCollaborators, 'storeBatch' | 'openForMs'> & {
    /** null: it does not say; then it is good for what it was good for a moment ago */
    acceptsCredentials: (id: string, signal: AbortSignal) => Promise<boolean | null>;
  };
  /** when MS4 last delivered for anybody in the fleet */
  evidence: () => Promise<Evidence>;
  size: LearntSize;
  watch: SuspectWatch;
  /** default: one without a key */
  payloads?: Pick<PayloadSealer, 'seal' | 'open'>;
  /** of MS4's contract; default 1 */
  version?: ContractVersion;
  /** puts back what is to be read from its mailbox again; those without a mailbox are dead */
  readAgain: ReadAgain;
  /** [0, 1) */
  random?: () => number;
}

/** ms that the queue rests when the ledger cannot be written: nothing may be completed without it. */
const LEDGER_PAUSE_MS = 5_000;
/** 16 requests: what is left of them after a pause or two is found within as many more */
const THROTTLED_MAX = 4;

/**
 * Delivers the records of one batch and gives each job its own end. The order of effects: MS4's verdict,
 * then the ledger, then the job's completion; a crash between two of them sends the record again, which
 * MS4 answers `duplicate`.
 *
 * Suspects, on which MS4 failed before, go after all others, alone; a batch's own are set aside. So what
 * MS4 cannot take waits in the delayed jobs and never in front of those that it can.
 */
export function createDeliverBatch(collaborators: DeliverCollaborators) {
  const { ms4, size, clock, random = Math.random } = collaborators;
  const { payloads = new PayloadSealer(), version = 1 } = collaborators;
  const memory = new DeliveredMemory(clock);
  const suspects = createSuspects({
    ...collaborators,
    storeBatch: ms4.storeBatch,
    memory,
    payloads,
  });
  const settlement = createSettlement({ ...collaborators, memory });
  /** MS4 was unwell when it was last asked */
  let careful = false;
  /** how often in a row MS4 asked to wait (429) for a batch */
  let throttled = 0;

  return async (batch: DeliveryBatch, signal: AbortSignal): Promise<DeliveryReport> => {
    const open = (jobId: string, data: unknown) => payloads.open(jobId, data);
    const taken = takeRecords(batch.entries, size.bytesMax(), open, version);
    const all = [...taken.records.values()];
    const suspected = all.filter(({ suspicion }) => suspicion);
    const fresh = all.filter(({ suspicion }) => !suspicion);
    const report = emptyReport({
      records: fresh.length,
      bytes: taken.bytes,
      overBytes: taken.nacked,
    });

    const settle = settlement.of(taken.records, report);
    const sending: SendCollaborators = {
      ...ms4,
      acceptsCredentials: async (id, stop) =>
        (await ms4.acceptsCredentials(id, stop)) ?? memory.isRecent(),
      settle,
      onTooLarge(bytes) {
        report.tooLarge += 1;
        size.tooLarge(bytes);
      },
    };
    const onSent = async (sent: Sent): Promise<void> => {
      report.batchId ||= sent.batchId;
      report.strained ||= isStrain(sent.pause?.cause);
      report.pauseMs = sent.pause?.ms ?? 0;
      report.pausedBy = sent.pause?.cause ?? null;
      if (sent.answered) careful = false;
      else if (isUnwell(sent.pause?.cause)) careful = true;
      for (const [key, fate] of sent.fates) {
        const record = taken.records.get(key);
        if (fate.kind !== 'suspect' || !record) continue;
        const end = await suspects.judge(record, fate, sent, signal);
        if (end) await settle(new Map([[key, end]]));
        else report.suspects += 1;
      }
    };

    const items = fresh.map(({ item }) => item);
    let judged = 0;
    try {
      await settlement.dead(taken.unparsable, 'payload_invalid');
      report.dead += taken.unparsable.length;
      const cuts = 2 ** throttled;
      const ordered = careful || cuts > 1 ? rotated(items, random()) : items;
      const sent = await sendRecords(ordered, sending, signal, { careful, cuts });
      report.requests += sent.requests;
      throttled = throttledAfter(throttled, sent);
      judged = sent.fates.size;
      await onSent(sent);
      // Read while MS4 is away, they would only lie here again, with all that was taken out of them.
      if (!sent.pause && (sent.answered || items.length === 0)) {
        const { putBack, unknown } = await collaborators.readAgain(taken.stripped);
        await settlement.dead(unknown, 'mailbox_unknown');
        report.dead += unknown.length;
        report.readAgain += putBack;
      }
      if (!sent.pause) await suspects.try(suspected, sending, signal, { onSent, report });
    } catch (error) {
      if (!(error instanceof LedgerLostError)) throw error;
      Object.assign(report, { pauseMs: LEDGER_PAUSE_MS, pausedBy: error });
    }
    suspects.setAside(suspected);
    report.nacked = taken.nacked + items.length - judged;
    // Credentials are this process's own: the others' may be good, so the queue stays open for them.
    const isOwn = report.pausedBy instanceof Ms4AuthError;
    if (report.pausedBy && !isOwn) batch.rateLimit(report.pauseMs);
    // What has its end keeps it.
    for (const entry of batch.entries) if (!entry.lost) entry.nack();
    return report;
  };
}

/**
 * A record for which MS4 always asks to wait is found by halving, a pause each. An MS4 that means it takes the
 * first part after each pause: it is sent halves at the least.
 */
function throttledAfter(before: number, { answered, pause, requests }: Sent): number {
  if (requests === 0) return before;
  if (!(pause?.cause instanceof Ms4ThrottledError)) return pause ? before : 0;
  return answered ? Math.max(1, before - 1) : Math.min(before + 1, THROTTLED_MAX);
}

/** So that a probe does not go out with the same record each time. */
function rotated<T>(items: readonly T[], random: number): T[] {
  const first = Math.floor(random * items.length);
  return [...items.slice(first), ...items.slice(0, first)];
}

function isStrain(cause: unknown): boolean {
  return cause instanceof Ms4ThrottledError || isMs4Timeout(cause);
}

/** It asked for less, or for nobody; but it works. */
function isUnwell(cause: unknown): boolean {
  if (cause instanceof Ms4ThrottledError) return cause.status === 503;
  if (cause instanceof RequestHeldError) return cause.isUnwell;
  return cause !== undefined;
}
