/**
 * How a job ends: done (it returns), retry (any error: backoff, counted), snooze (later, not counted
 * as an attempt) or cancel (never again). Decided by type, never by message.
 */
export class SnoozeError extends Error {
  readonly code = 'snooze';
  readonly delayMs: number;

  constructor(delayMs: number, reason: string, options?: ErrorOptions) {
    super(`again in ${delayMs} ms: ${reason}`, options);
    this.name = 'SnoozeError';
    this.delayMs = delayMs;
  }
}

export class CancelError extends Error {
  readonly code = 'cancel';

  constructor(reason: string, options?: ErrorOptions) {
    super(reason, options);
    this.name = 'CancelError';
  }
}
