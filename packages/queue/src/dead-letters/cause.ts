import { createHash } from 'node:crypto';
import type { QueueName } from '@ms1/contracts';

/** Longest cause shown. */
const CAUSE_MAX = 120;

/**
 * Why a job failed, in the words that all jobs failing for it share: without addresses, ids and numbers,
 * so that it groups, and names nobody.
 */
export function causeOf(failedReason: string): string {
  const cause = failedReason
    .replaceAll(/[^\s<>"']+@[^\s<>"']+/g, '<address>')
    .replaceAll(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi, '<id>')
    .replaceAll(/\S{25,}/g, '<id>')
    .replaceAll(/ms4(?![\da-z])|(?<![^\W_])[3-5]\d\d\b|\d+/gi, (found) =>
      /^(?:ms4|[3-5]\d\d)$/i.test(found) ? found : '#',
    )
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, CAUSE_MAX);
  return cause === '' ? 'unknown' : cause;
}

/** Names a group of dead letters: 12 characters over the stage and the cause. */
export function fingerprintOf(stage: QueueName, cause: string): string {
  return createHash('sha256').update(`${stage}\n${cause}`).digest('base64url').slice(0, 12);
}
