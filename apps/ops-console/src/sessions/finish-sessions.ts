import type { Session, SessionStore } from '@ms1/ledger';
import type { Task } from '@ms1/runtime';

import { type TurnsOptions, turns } from '../wiring/turns.ts';

export interface FinishSessionsOptions extends Partial<TurnsOptions> {
  sessions: Pick<SessionStore, 'unfinished' | 'get' | 'finish' | 'pendingScans' | 'forgetEnded'>;
  /** puts the scans that were not reported on `polling` again; does nothing to those that are there */
  addScans: (session: Session) => Promise<void>;
  onFinished?: (sessionId: string) => void;
}

/** Looks between repairs: 30 s is long enough for scans that were just added to be seen at work. */
const REPAIR_EVERY = 30;

/**
 * Finishes sessions whose work is done, and puts scan jobs back that a crash between closing and
 * adding, or a Redis that forgot, has lost. Forgets those that ended long ago. Any number of processes may do so at once.
 */
export function finishSessions(options: FinishSessionsOptions): Task {
  const { sessions } = options;
  return turns({ intervalMs: 1_000, ...options }, async (count) => {
    const repair = (count + 1) % REPAIR_EVERY === 0;
    if (repair) await sessions.forgetEnded();
    for (const id of await sessions.unfinished()) await finishSession(id, repair, options);
  });
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
