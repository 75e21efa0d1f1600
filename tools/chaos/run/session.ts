import { setTimeout as delay } from 'node:timers/promises';
import { consoleOf, type Session } from '../../fleet/console-client.ts';
import { Patience } from '../../fleet/patience.ts';
import type { OpenFleet } from '../fleet/open-fleet.ts';

/** What the fleet itself says of the session: a claim, which the audit holds against what it found. */
export type Told = Pick<Session, 'status' | 'counts'> | null;

export interface RunSession {
  /** Closes it and waits for its listing; null when Redis has lost it meanwhile. */
  close(signal: AbortSignal): Promise<Told>;
}

const POLL_MS = 500;
/** The mailbox's clock and ours may differ by as much. */
const SLACK_MS = 60_000;

/** Opens a session over the run's window at the first console that answers. */
export async function openSession(
  fleet: Pick<OpenFleet, 'consoles' | 'consoleToken'>,
  name: string,
  signal: AbortSignal,
): Promise<RunSession> {
  const from = new Date(Date.now() - SLACK_MS).toISOString();
  const [url = ''] = fleet.consoles;
  const console = consoleOf(url, fleet.consoleToken);
  const body = { name, mailboxes: 'all' as const, from };
  const { id } = await console.call('POST /sessions', { body, signal });
  return {
    async close() {
      const params = { id };
      const sessions = await console.call('GET /sessions', { signal });
      if (!sessions.some((session) => session.id === id)) return null;
      let session = await console.call('POST /sessions/:id/close', { params, signal });
      const patience = new Patience();
      while (session.status === 'closing') {
        await delay(POLL_MS, undefined, { signal });
        session = await console.call('GET /sessions/:id', { params, signal });
        if (patience.isOver([session.scans, session.found, session.counts])) break;
      }
      return session;
    },
  };
}
