/** No call was made: the service failed too often and rests. Not a failure of the work; snooze it. */
export class BreakerOpenError extends Error {
  readonly code = 'breaker_open';
  /** ms until a call may be tried again */
  readonly openForMs: number;

  constructor(openForMs: number) {
    super(`no call for ${Math.ceil(openForMs)} ms: the breaker is open`);
    this.name = 'BreakerOpenError';
    this.openForMs = openForMs;
  }
}
