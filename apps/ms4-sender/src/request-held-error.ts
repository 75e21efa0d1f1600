/** No request was made: the gate in front of MS4 is shut for everybody. Not a failure of the work. */
export class RequestHeldError extends Error {
  readonly code = 'request_held';
  /** ms until it is worth asking again */
  readonly retryInMs: number;

  /** because the service is unwell, and not because of a rate */
  readonly isUnwell: boolean;

  /** @param reason the gate's word for it, e.g. `open` */
  constructor(reason: string, retryInMs: number, options?: ErrorOptions) {
    super(`no request to MS4 for ${Math.ceil(retryInMs)} ms: ${reason}`, options);
    this.name = 'RequestHeldError';
    this.isUnwell = reason === 'open' || reason === 'probing';
    this.retryInMs = retryInMs;
  }
}
