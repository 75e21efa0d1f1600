import type { Logger } from '@ms1/runtime';

import type { Answered } from './webhook/create-webhook.ts';

/**
 * One line for what an operator should look at: answers other than 202, and forged or unknown senders.
 * Nothing of a body is logged: it may be anybody's.
 */
export function logAnswers(logger: Logger): (answered: Answered) => void {
  return ({ status, durationMs, accepted, error }) => {
    const fields = { status, durationMs: Math.round(durationMs), ...accepted };
    if (status === 503) logger.error({ ...fields, err: error }, 'notifications not taken');
    else if (status !== 202) logger.warn(fields, 'request refused');
    else if (accepted && (accepted.forged > 0 || accepted.unknown > 0)) {
      logger.warn(fields, 'notifications dropped');
    } else logger.debug(fields, 'notifications taken');
  };
}
