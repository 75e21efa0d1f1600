/**
 * Ends a job for good: it is not retried and stays as a dead letter. BullMQ knows such an error by this
 * name, whoever made it.
 */
export class DeadLetterError extends Error {
  /** why, as a code: what dead letters are grouped by */
  readonly code: string;

  constructor(code: string, options?: ErrorOptions) {
    super(code, options);
    this.name = 'UnrecoverableError';
    this.code = code;
  }
}
