import DataLoader from 'dataloader';

/** What one gathered command answers to each that asked, in their order; an error is that one's alone. */
type AskTogether<Q, A> = (asked: readonly Q[]) => Promise<readonly (A | Error)[]>;

/**
 * Makes one command of all that is asked within a turn of the event loop: what many folders or mailboxes ask at once costs
 * one round trip, whatever their number. Two that ask the same are two.
 *
 * @param most of them in one command
 */
export function gather<Q, A>(ask: AskTogether<Q, A>, most: number): (one: Q) => Promise<A> {
  const loader = new DataLoader<Q, A>(ask, {
    cache: false,
    maxBatchSize: most,
    // After all that came over the wire in this turn, where nextTick would be after each of it.
    batchScheduleFn: (carry) => void setImmediate(carry),
  });
  return (one) => loader.load(one);
}
