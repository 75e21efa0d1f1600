import { setTimeout as delay } from 'node:timers/promises';
import type { Session, SessionStore } from '@ms1/ledger';
import type { Task } from '@ms1/runtime';

export interface FinishSessionsOptions {
  sessions: Pick<SessionStore, 'unfinished' | 'get' | 'finish' | 'pendingScans' | 'forgetEnded'>;
  /** puts the scans that were not reported on `polling` again; does nothing to those that are there */
  addScans: (session: Session) => Promise<void>;
  /** ms between looks; default 1000 */
  intervalMs?: number;
  onFinished?: (sessionId: string) => void;
  onError?: (error: unknown) => void;
}

/** Looks between repairs: 30 s is long enough for scans that were just added to be seen at work. */
const REPAIR_EVERY = 30;

/**
 * Finishes sessions whose work is done, and puts scan jobs back that a crash between closing and
 * adding, or a Redis that forgot, has lost. Forgets those that ended long ago. Any number of processes may do so at once.
 */
export function finishSessions(options: FinishSessionsOptions): Task {
  const { sessions, intervalMs = 1_000, onError } = options;
  return async (signal) => {
    for (let look = 1; !signal.aborted; look += 1) {
      try {
        const repair = look % REPAIR_EVERY === 0;
        if (repair) await sessions.forgetEnded();
        for (const id of await sessions.unfinished()) await finishSession(id, repair, options);
      } catch (error) {
        onError?.(error);
      }
      // An abort ends the wait early; the loop's condition ends the task.
      await delay(intervalMs, undefined, { signal }).catch(() => undefined);
    }
  };
}

async function finishSession(
  id: string,
  repair: boolean,
  { sessions, addScans, onFinished }: FinishSessionsOptions,
): Promise<void> {
  if (await sessions.finish(id)) {
    onFinished?.(id);
    return;
  }
  if (!repair) return;
  const session = await sessions.get(id);
  if (session?.status === 'closing') await addScans(session);
}
