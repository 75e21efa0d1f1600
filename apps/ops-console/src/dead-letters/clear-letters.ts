import type { Ledger } from '@ms1/ledger';
import { type DeadLetter, type DeadLetters, isRedisTrouble } from '@ms1/queue';
import { type Clock, failpoint } from '@ms1/runtime';

import type { Outcome } from '../operations/operation-store.ts';

export interface ClearOptions {
  letters: Pick<DeadLetters, 'retry' | 'remove'>;
  ledger: Pick<Ledger, 'reopen' | 'condemn' | 'record'>;
  clock: Clock;
}

/** What must be known of a letter to clear it away. */
export type Clearable = Pick<DeadLetter, 'key' | 'stage' | 'cause'>;

/** The reason that a discarded message is dead for, in the ledger; why is in the operator log. */
export const DISCARDED = 'discarded';

/**
 * Replays or discards these dead letters. The ledger first: a crash in between leaves the letter on its
 * queue, where the next replay finds it. The other way round a message could be delivered while the
 * ledger still calls it dead. A letter that its queue does not let go stays dead, and the others go on.
 *
 * @throws when Redis does not take any of it now
 */
export async function clearLetters(
  { letters, ledger, clock }: ClearOptions,
  action: 'replay' | 'discard',
  chosen: readonly Clearable[],
): Promise<Outcome[]> {
  const keys = chosen.map(({ key }) => key);
  if (action === 'replay') {
    await ledger.reopen(keys);
    await failpoint('ops-console:after-reopen');
    const outcomes = await Promise.all(
      chosen.map((letter) => unlessRefused(letters.retry(letter))),
    );
    const at = clock.now();
    const stuck = chosen.filter((_, n) => outcomes[n] === REFUSED);
    if (stuck.length > 0) {
      await ledger.record(
        stuck.map(({ key, cause }) => ({ key, state: 'dead', at, reason: cause })),
      );
    }
    return outcomes.map((outcome) => (outcome === 'retried' ? 'done' : outcome));
  }
  const at = clock.now();
  // Of a letter that the ledger was not told of there is nothing to condemn yet.
  await ledger.record(keys.map((key) => ({ key, state: 'dead', at, reason: DISCARDED })));
  await ledger.condemn(keys, DISCARDED);
  await failpoint('ops-console:after-condemn');
  const removed = await Promise.all(chosen.map((letter) => unlessRefused(letters.remove(letter))));
  return removed.map((one) => (typeof one === 'string' ? one : one ? 'done' : 'gone'));
}

const REFUSED = 'failed:queue_refused';

/** What is wrong with one letter is not to keep the others; what is wrong with Redis is. */
async function unlessRefused<T>(clearing: Promise<T>): Promise<T | typeof REFUSED> {
  try {
    return await clearing;
  } catch (error) {
    if (isRedisTrouble(error)) throw error;
    return REFUSED;
  }
}
