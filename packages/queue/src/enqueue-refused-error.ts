import { WriteUnconfirmedError } from '@ms1/redis';

/** Why jobs could not be put on a queue. `unconfirmed`: they may be there, no replica said so in time. */
export type EnqueueRefusal =
  | 'nearly_full'
  | 'out_of_memory'
  | 'read_only'
  | 'no_answer'
  | 'unconfirmed'
  | 'refused';

const REASONS: readonly [pattern: RegExp, reason: EnqueueRefusal][] = [
  [/\bOOM\b/, 'out_of_memory'],
  [/READONLY|NOREPLICAS|MASTERDOWN|LOADING|CLUSTERDOWN|MISCONF/, 'read_only'],
  [
    /timed out|Connection is closed|ECONN|EPIPE|max retries per request|startup nodes|slots cache/i,
    'no_answer',
  ],
];

const SENTENCES: Record<EnqueueRefusal, string> = {
  nearly_full: 'Redis is at 85 % of maxmemory, and the rest is for what waits',
  out_of_memory: 'Redis is at maxmemory',
  read_only:
    'Redis takes no writes at the moment (failover, loading, too few replicas or a full disk)',
  no_answer: 'Redis does not answer in time',
  unconfirmed: 'no replica has confirmed the write in time',
  refused: 'Redis refused the write',
};

/**
 * Redis cannot take jobs now. Whoever asked must try again later; job ids are deterministic, so what was written in
 * spite of the error is not written twice.
 */
export class EnqueueRefusedError extends Error {
  readonly code = 'enqueue_refused';
  readonly reason: EnqueueRefusal;

  constructor(queue: string, reason: EnqueueRefusal, options: { cause?: unknown } = {}) {
    super(`${queue} can not take jobs: ${SENTENCES[reason]}`, options);
    this.name = 'EnqueueRefusedError';
    this.reason = reason;
  }

  static from(queue: string, cause: unknown): EnqueueRefusedError {
    return this.recognised(queue, cause) ?? new EnqueueRefusedError(queue, 'refused', { cause });
  }

  /** @returns null for an error that is not Redis's inability */
  static recognised(queue: string, cause: unknown): EnqueueRefusedError | null {
    if (cause instanceof EnqueueRefusedError) return cause;
    if (cause instanceof WriteUnconfirmedError) {
      return new EnqueueRefusedError(queue, 'unconfirmed', { cause });
    }
    const text = cause instanceof Error ? `${cause.name} ${cause.message}` : String(cause);
    const reason = REASONS.find(([pattern]) => pattern.test(text))?.[1];
    return reason ? new EnqueueRefusedError(queue, reason, { cause }) : null;
  }
}

/** Whether an error is that of a Redis that takes nothing now, and not of one job. */
export function isRedisTrouble(error: unknown): boolean {
  return EnqueueRefusedError.recognised('', error) !== null;
}
