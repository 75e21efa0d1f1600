import type { Session, SessionStore } from '@ms1/ledger';
import type { Task } from '@ms1/runtime';

import { type TurnsOptions, turns } from '../wiring/turns.ts';

export interface ReportSessionsOptions extends Partial<TurnsOptions> {
  sessions: Pick<SessionStore, 'unfinished' | 'get' | 'list'>;
  /** begins the report of a finished session, unless it has one */
  report: (session: Session) => Promise<void>;
  /** asks again for what reports still wait for; now and then */
  resume: () => Promise<void>;
}

/** Sessions looked at when a console starts, and now and then: those that finished while none was there or looked. */
const LATEST = 50;
/** Looks; half a minute. A session may begin and end between two. */
const LATEST_EVERY = 30;

/** Has every session audited once it is finished, whoever finished it. */
export function reportSessions(options: ReportSessionsOptions): Task {
  const { sessions, report, resume } = options;
  let watched: string[] | undefined;
  return turns({ intervalMs: 1_000, ...options }, async (look) => {
    const unfinished = await sessions.unfinished();
    const ended = await (watched === undefined || look % LATEST_EVERY === 0
      ? sessions.list({ limit: LATEST })
      : Promise.all(
          watched.filter((id) => !unfinished.includes(id)).map((id) => sessions.get(id)),
        ));
    for (const session of ended) {
      if (session?.status === 'finished' || session?.status === 'incomplete') {
        await report(session);
      }
    }
    watched = unfinished;
    if (look % LATEST_EVERY === 0) await resume();
  });
}
