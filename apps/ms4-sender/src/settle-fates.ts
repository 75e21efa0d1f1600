import type { LedgerChange, MessageState } from '@ms1/contracts';
import type { Ledger } from '@ms1/ledger';
import type { Attempt } from '@ms1/process';
import { DeadLetterError } from '@ms1/queue';
import { type Clock, failpoint } from '@ms1/runtime';

import type { DeliveredMemory } from './delivered-memory.ts';
import type { DeliveryReport } from './delivery-report.ts';
import type { Fate } from './send-records.ts';
import type { Passage } from './sender-metrics.ts';
import type { SuspectWatch } from './suspect-watch.ts';
import type { DeliveryEntry, Taken, TakenRecord } from './take-records.ts';

export interface SettleCollaborators {
  ledger: Pick<Ledger, 'record'>;
  /** remembers what was delivered */
  memory: Pick<DeliveredMemory, 'remember'>;
  /** is told of suspects that have an end */
  watch: Pick<SuspectWatch, 'ended'>;
  /** is told when each delivered record passed its stages */
  onDelivered?: (passage: Passage) => void;
  /** is told of whose mailbox a record is dead */
  onDead?: (mailboxId: string) => void;
  /** told of each record that was judged; default: nobody asks */
  tellAttempts?: (attempts: readonly Attempt[], startedAt: number) => void;
  clock: Clock;
}

/** Nothing may be completed without the ledger. Verdicts are not lost by this: MS4 will say `duplicate`. */
export class LedgerLostError extends Error {
  constructor(cause: unknown) {
    super('the ledger cannot be written', { cause });
    this.name = 'LedgerLostError';
  }
}

/**
 * Gives jobs their ends once the ledger has them.
 *
 * @throws LedgerLostError and ends no job
 */
export function createSettlement({
  ledger,
  memory,
  watch,
  clock,
  onDelivered,
  onDead,
  tellAttempts,
}: SettleCollaborators) {
  const settle = async (
    changes: readonly LedgerChange[],
    decided: readonly (() => void)[],
  ): Promise<void> => {
    try {
      if (changes.length > 0) await ledger.record(changes);
    } catch (cause) {
      throw new LedgerLostError(cause);
    }
    await failpoint('ms4-sender:after-ledger');
    for (const decide of decided) decide();
  };

  return {
    /** Those that no request can be made of. */
    async dead(entries: Taken['unparsable'], reason: string): Promise<void> {
      const at = clock.now();
      await settle(
        entries.flatMap(({ key }) => (key ? [{ key, state: 'dead' as const, at, reason }] : [])),
        entries.map(
          ({ entry }) =>
            () =>
              entry.fail(new DeadLetterError(reason)),
        ),
      );
    },

    /** What ends these records' jobs as MS4 judges them, and counts that. All but suspects, who have no end yet. */
    of(records: ReadonlyMap<string, TakenRecord>, report: DeliveryReport) {
      const startedAt = clock.now();
      return async (fates: ReadonlyMap<string, Fate>, batchId?: string): Promise<void> => {
        const changes: LedgerChange[] = [];
        const decided: (() => void)[] = [];
        const at = clock.now();
        for (const [key, fate] of fates) {
          const record = records.get(key);
          const end = record && endOf(record.entry, fate);
          if (!end) continue;
          const { sessionId, receivedAt } = record;
          if (end.change) changes.push({ key, at, sessionId, receivedAt, ...end.change });
          decided.push(end.decide, () => count(report, fate));
          if (end.change?.state === 'dead') {
            decided.push(() => onDead?.(record.mailbox));
          }
        }
        await settle(changes, decided);
        tellAttempts?.(attemptsOf(records, fates, batchId), startedAt);
        for (const [key, { kind }] of fates) {
          const record = records.get(key);
          if (kind === 'delivered' && record) {
            memory.remember(record.item);
            const { mailbox, source, receivedAt, noticedAt } = record;
            const { timestamp: preparedAt } = record.entry.job;
            const passed = { source, receivedAt, noticedAt, preparedAt, deliveredAt: at };
            onDelivered?.({ mailbox, ...passed });
          }
          if (kind !== 'suspect' && record?.suspicion) watch.ended(key);
        }
      };
    },
  };
}

/** Ends the jobs of records that have their fates, once the ledger has them. */
export type Settle = ReturnType<ReturnType<typeof createSettlement>['of']>;

function attemptsOf(
  records: ReadonlyMap<string, TakenRecord>,
  fates: ReadonlyMap<string, Fate>,
  batchId: string | undefined,
): Attempt[] {
  return [...fates].flatMap(([key, fate]) => {
    const record = records.get(key);
    return record ? [{ key, batchId, ...passageOf(record, fate) }] : [];
  });
}

function passageOf({ entry, sessionId }: TakenRecord, fate: Fate): Omit<Attempt, 'key'> {
  const attempt = { attempt: entry.job.attemptsMade + 1, sessionId };
  switch (fate.kind) {
    case 'delivered':
      return { ...attempt, outcome: fate.duplicate ? 'duplicate' : 'stored' };
    case 'dead':
      return { ...attempt, outcome: 'dead', reason: fate.reason };
    case 'retry':
      return { ...attempt, outcome: 'retried', reason: fate.code };
    case 'suspect':
      return { ...attempt, outcome: 'suspect', reason: fate.code };
  }
}

interface End {
  decide: () => void;
  change?: { state: MessageState; receipt?: string; reason?: string };
}

function endOf(entry: DeliveryEntry, fate: Fate): End | null {
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
    case 'suspect':
      return null;
  }
}

function count(report: DeliveryReport, fate: Fate): void {
  if (fate.kind === 'dead') report.dead += 1;
  else if (fate.kind === 'retry') report.retried += 1;
  else if (fate.kind === 'delivered' && fate.duplicate) report.duplicates += 1;
  else report.stored += 1;
}
