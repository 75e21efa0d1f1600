import type { SessionStore } from '@ms1/ledger';
import type { Clock } from '@ms1/runtime';

/** Which session a message of a mailbox belongs to now. */
export type OpenSessions = Pick<SessionStore, 'activeSessionOf'>;

/** ms; a session that was just closed gets messages attributed for that long */
const REMEMBERED_MS = 1_000;

/**
 * Remembers open sessions for a moment, to spare a round trip for each notification. That there is
 * none is never remembered: the first message of a new session must be counted as its.
 */
export function rememberSessions(sessions: OpenSessions, clock: Clock): OpenSessions {
  const open = new Map<string, { sessionId: string; until: number }>();
  return {
    async activeSessionOf(mailboxId) {
      const remembered = open.get(mailboxId);
      if (remembered && clock.now() < remembered.until) return remembered.sessionId;
      open.delete(mailboxId);
      const sessionId = await sessions.activeSessionOf(mailboxId);
      if (sessionId !== null) {
        open.set(mailboxId, { sessionId, until: clock.now() + REMEMBERED_MS });
      }
      return sessionId;
    },
  };
}
