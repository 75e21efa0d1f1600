/** What a request was made for: see SendOptions. */
export type SentAs = 'record' | 'suspect' | 'control';

/** Decides when a request may leave: a rate, a breaker, somebody's word to wait. */
export interface Admission {
  /**
   * Resolves when one request may be made now, with what is to be told how it ended: null when it has
   * verdicts, else its error.
   *
   * @throws when it is not to be waited for, or the signal's reason
   */
  enter(signal: AbortSignal): Promise<(error: unknown, as: SentAs) => Promise<void>>;
}
