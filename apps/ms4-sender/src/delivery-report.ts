/** One line in the log. */
export interface DeliveryReport {
  batchId: string;
  /** records in the request, and what became of them */
  records: number;
  bytes: number;
  requests: number;
  stored: number;
  duplicates: number;
  dead: number;
  /** back on `inbound`: what was personal in them was taken out */
  readAgain: number;
  retried: number;
  /** set aside, because MS4 failed on them and the fault may be theirs */
  suspects: number;
  /** back on the queue unjudged: over the size, or because of the pause */
  nacked: number;
  /** of those: over the bytes of a request */
  overBytes: number;
  /** requests that were answered 413 */
  tooLarge: number;
  /** MS4 throttled, or did not answer in time */
  strained: boolean;
  pauseMs: number;
  /** why the queue is closed for `pauseMs`, or this sender stops: Ms4AuthError */
  pausedBy: Error | null;
}

export function emptyReport(
  given: Pick<DeliveryReport, 'records' | 'bytes' | 'overBytes'>,
): DeliveryReport {
  return {
    batchId: '',
    requests: 0,
    stored: 0,
    duplicates: 0,
    dead: 0,
    readAgain: 0,
    retried: 0,
    suspects: 0,
    nacked: 0,
    tooLarge: 0,
    strained: false,
    pauseMs: 0,
    pausedBy: null,
    ...given,
  };
}
