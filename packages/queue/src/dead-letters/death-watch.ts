import { setTimeout as wait } from 'node:timers/promises';
import type { LedgerChange, MessageLedger, QueueName } from '@ms1/contracts';
import type { Queue } from 'bullmq';

import { DeadLetters } from './dead-letters.ts';

/** ms between two looks, which cost a command each; what is told here is known at once */
const LOOK_MS = 5_000;
/** ms; a burst of failures is one look */
const LOOK_MS_MIN = 1_000;
/** ms; clocks of workers differ, and a letter may come in behind one that is dated later */
const OVERLAP_MS = 10_000;
/** ms; what died while nobody watched: a restart of the whole fleet */
const LOOK_BACK_MS = 3_600_000;

export interface DeathWatchOptions {
  /** a queue, by shard */
  queues: readonly Queue[];
  /** a change that it knows already must do nothing */
  ledger: Pick<MessageLedger, 'record'>;
  onError: (error: unknown) => void;
  now?: () => number;
}

/**
 * Writes every dead letter of a queue to the ledger, whatever ended the job. A processor writes its own decisions, but
 * a job also dies by the stalled check, by a deadline, unread, or with its process. Unwritten, the message would keep
 * its old state and its session would never finish.
 */
export function createDeathWatch({ queues, ledger, onError, now = Date.now }: DeathWatchOptions) {
  const letters = new DeadLetters(queues);
  const stage = queues[0]?.name as QueueName;
  let since = now() - LOOK_BACK_MS;
  let told = new Map<string, number>();
  let look = Promise.withResolvers<void>();

  const tell = async (): Promise<void> => {
    const fresh: LedgerChange[] = [];
    const seen = new Map<string, number>();
    let last = since + OVERLAP_MS;
    for await (const letter of letters.scan({ stage }, { stage, failedAt: since, key: '' })) {
      const { key, failedAt, cause } = letter;
      seen.set(key, failedAt);
      last = Math.max(last, failedAt);
      if (told.get(key) === failedAt) continue;
      fresh.push({ key, state: 'dead', at: failedAt, sessionId: null, reason: cause });
    }
    if (fresh.length > 0) await ledger.record(fresh);
    since = Math.min(last, now()) - OVERLAP_MS;
    told = new Map([...seen].filter(([, failedAt]) => failedAt >= since));
  };

  return {
    /** a job has failed here: have a look */
    soon: (): void => look.resolve(),
    /** looks until the signal aborts */
    task: async (signal: AbortSignal): Promise<void> => {
      const stopped = new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
      while (!signal.aborted) {
        look = Promise.withResolvers();
        try {
          await tell();
        } catch (error) {
          if (!signal.aborted) onError(error);
        }
        const ended = new AbortController();
        const pause = (ms: number): Promise<void> =>
          wait(ms, undefined, { signal: ended.signal }).catch(() => undefined);
        await Promise.race([stopped, Promise.race([look.promise, pause(LOOK_MS)])]);
        if (!signal.aborted) await Promise.race([stopped, pause(LOOK_MS_MIN)]);
        ended.abort();
      }
    },
  };
}
