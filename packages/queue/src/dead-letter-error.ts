import { UnrecoverableError } from 'bullmq';

/** Ends a job for good: it is not retried and stays as a dead letter. */
export class DeadLetterError extends UnrecoverableError {
  /** why, as a code: what dead letters are grouped by */
  readonly code: string;

  constructor(code: string, options: { cause?: unknown } = {}) {
    super(code);
    this.code = code;
    if (options.cause !== undefined) this.cause = options.cause;
  }
}
