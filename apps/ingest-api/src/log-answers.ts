import type { Clock, Logger } from '@ms1/runtime';

import type { Answered } from './webhook/create-webhook.ts';

/** ms between two lines about the same kind of answer; a flood of 2,000 POSTs/s must not become one of lines */
const EVERY_MS = 1_000;

/**
 * Lines for what an operator should look at: answers other than 202, and forged or unknown senders, of
 * each kind at most one a second with how many it stands for. At `debug` every POST that was taken has a line. Nothing of a body is logged: it may be
 * anybody's.
 */
export function logAnswers(logger: Logger, clock: Clock): (answered: Answered) => void {
  const kinds = new Map<string, { loggedAt: number; unlogged: number }>();

  /** how many of the kind the line stands for; 0: not now */
  const due = (kind: string): number => {
    const last = kinds.get(kind);
    if (last && clock.now() - last.loggedAt < EVERY_MS) {
      last.unlogged += 1;
      return 0;
    }
    kinds.set(kind, { loggedAt: clock.now(), unlogged: 0 });
    return (last?.unlogged ?? 0) + 1;
  };

  return ({ status, durationMs, accepted, error, shed }) => {
    const dropped = accepted && accepted.forged + accepted.unknown + accepted.unreadable > 0;
    if (status === 202 && !dropped) {
      logger.debug(
        { status, durationMs: Math.round(durationMs), ...accepted },
        'notifications taken',
      );
      return;
    }
    const times = due(`${status} ${shed ?? ''}`);
    if (times === 0) return;
    const fields = { status, durationMs: Math.round(durationMs), times, ...accepted };
    if (shed) logger.warn({ ...fields, shed }, 'notifications shed');
    else if (status === 503) logger.error({ ...fields, err: error }, 'notifications not taken');
    else if (status === 202) logger.warn(fields, 'notifications dropped');
    else logger.warn(fields, 'request refused');
  };
}
