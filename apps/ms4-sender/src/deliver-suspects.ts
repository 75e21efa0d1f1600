import { encodeBatch } from '@ms1/ms4-client';
import type { PayloadSealer } from '@ms1/queue';
import { type Clock, failpoint } from '@ms1/runtime';

import type { DeliveredMemory } from './delivered-memory.ts';
import type { DeliveryReport } from './delivery-report.ts';
import { delayOf, type Evidence, judgeSuspect } from './judge-suspect.ts';
import { type Fate, type SendCollaborators, type Sent, sendRecords } from './send-records.ts';
import type { SuspectWatch } from './suspect-watch.ts';
import type { TakenRecord } from './take-records.ts';

export interface SuspectsCollaborators {
  storeBatch: SendCollaborators['storeBatch'];
  evidence: () => Promise<Evidence>;
  memory: DeliveredMemory;
  watch: SuspectWatch;
  payloads: Pick<PayloadSealer, 'seal'>;
  clock: Clock;
}

type SuspectFate = Extract<Fate, { kind: 'suspect' }>;

/** ms that the neighbours in a batch may have to wait for its suspects, and one request's deadline on top */
const TRYING_MS_MAX = 1_000;

/** Tries suspects and judges those that MS4 failed on. One batch of a process at a time does the trying. */
export function createSuspects(collaborators: SuspectsCollaborators) {
  const { storeBatch, memory, watch, payloads, clock } = collaborators;
  let isTrying = false;

  /** A key of its own, or MS4 may give the answer that it gave then without looking. */
  const control = async (tries: number, signal: AbortSignal): Promise<boolean> => {
    const item = memory.last;
    if (!item) return false;
    const batch = encodeBatch([{ ...item, retries: item.retries + tries }]);
    try {
      const verdicts = await storeBatch(batch, signal, { as: 'control', retries: false });
      const status = verdicts.get(item.id)?.status;
      return status !== undefined && status !== 'retry' && status !== 'rejected';
    } catch {
      signal.throwIfAborted();
      return false;
    }
  };

  const judge = async (
    { entry, suspicion: previous, data, item }: TakenRecord,
    { code, isRefused = false }: SuspectFate,
    { answered, pause }: Sent,
    signal: AbortSignal,
  ): Promise<Fate | null> => {
    // Others may have delivered with credentials that are good when ours are not.
    const isOurs = !/^ms4_40[13]$/.test(code) || memory.isRecent();
    const { suspicion, isGuilty, delayMs } = await judgeSuspect(
      previous,
      // A service that is unwell at this moment is no witness.
      {
        besideOthers: answered,
        isUnwell: pause !== null,
        isRefused,
        isThrottled: code === 'ms4_429',
      },
      {
        evidence: async () => {
          const { now, deliveredAt } = await collaborators.evidence();
          return { now, deliveredAt: isOurs ? deliveredAt : 0 };
        },
        control: (stop) => control((previous?.tries ?? 0) + 1, stop),
      },
      signal,
    );
    // A replayed dead letter begins without suspicion.
    const changed = { ...data, suspicion: isGuilty ? undefined : suspicion };
    await entry.job.updateData(payloads.seal(entry.job.id ?? '', changed));
    await failpoint('ms4-sender:after-suspicion');
    if (isGuilty) return { kind: 'dead', reason: code };
    watch.saw({ key: item.id, code, since: suspicion.since });
    entry.delay(delayMs);
    return null;
  };

  return {
    /** What becomes of a record that MS4 failed on alone; null: it is set aside. */
    async judge(
      record: TakenRecord,
      fate: SuspectFate,
      sent: Sent,
      signal: AbortSignal,
    ): Promise<Fate | null> {
      try {
        return await judge(record, fate, sent, signal);
      } catch {
        signal.throwIfAborted();
        // Redis is away: what is not known is not held against it.
        record.entry.delay(delayOf(record.suspicion));
        return null;
      }
    },

    /** Back to where they were, without a try: never to the front of the queue. */
    setAside(records: Iterable<TakenRecord>): void {
      for (const { entry, suspicion } of records) entry.delay(delayOf(suspicion));
    },

    /**
     * Sends suspects one at a time, the one that has waited longest first.
     *
     * @param onSent told of each before the next goes
     */
    async try(
      records: readonly TakenRecord[],
      sending: SendCollaborators,
      signal: AbortSignal,
      { onSent, report }: { onSent: (sent: Sent) => Promise<void>; report: DeliveryReport },
    ): Promise<void> {
      if (isTrying || records.length === 0) return;
      isTrying = true;
      try {
        const until = clock.now() + TRYING_MS_MAX;
        const waited = (record: TakenRecord): number => record.suspicion?.failedAt ?? 0;
        for (const { item } of records.toSorted((a, b) => waited(a) - waited(b))) {
          const sent = await sendRecords([item], sending, signal, { as: 'suspect' });
          report.requests += sent.requests;
          await onSent(sent);
          if (sent.pause || clock.now() >= until) return;
        }
      } finally {
        isTrying = false;
      }
    },
  };
}
