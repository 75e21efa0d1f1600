import { createHash } from 'node:crypto';
import type { QueueName } from '@ms1/contracts';

import { shownReason } from './shown-reason.ts';

/** Why a job failed, in the words that all jobs failing for it share: without ids and numbers, and what others wrote. */
export function causeOf(failedReason: string): string {
  if (failedReason === '') return 'unknown';
  const shown = shownReason(failedReason) ?? 'other';
  return shown.replaceAll(/ms4(?![\da-z])|(?<![^\W_])[3-5]\d\d\b|\d+/gi, (found) =>
    /^(?:ms4|[3-5]\d\d)$/i.test(found) ? found : '#',
  );
}

/** Names a group of dead letters: 12 characters over the stage and the cause. */
export function fingerprintOf(stage: QueueName, cause: string): string {
  return createHash('sha256').update(`${stage}\n${cause}`).digest('base64url').slice(0, 12);
}
