import type { Ledger } from '@ms1/ledger';
import type { DeadLetter, DeadLetters } from '@ms1/queue';
import { type Clock, failpoint } from '@ms1/runtime';

export interface ClearOptions {
  letters: Pick<DeadLetters, 'retry' | 'remove'>;
  ledger: Pick<Ledger, 'reopen' | 'condemn' | 'record'>;
  clock: Clock;
}

export interface Cleared {
  done: number;
  gone: number;
  lost: number;
}

/** The reason that a discarded message is dead for, in the ledger; why is in the operator log. */
const DISCARDED = 'discarded';

/**
 * Replays or discards these dead letters. The ledger first: a crash in between leaves the letter on its
 * queue, where the next replay finds it. The other way round a message could be delivered while the
 * ledger still calls it dead.
 */
export async function clearLetters(
  { letters, ledger, clock }: ClearOptions,
  action: 'replay' | 'discard',
  chosen: readonly DeadLetter[],
): Promise<Cleared> {
  const cleared = { done: 0, gone: 0, lost: 0 };
  const keys = chosen.map(({ key }) => key);
  if (action === 'replay') {
    await ledger.reopen(keys);
    await failpoint('ops-console:after-reopen');
    for (const outcome of await Promise.all(chosen.map((letter) => letters.retry(letter)))) {
      cleared[outcome === 'retried' ? 'done' : outcome] += 1;
    }
    return cleared;
  }
  const at = clock.now();
  // Of a letter that the ledger was not told of there is nothing to condemn yet.
  await ledger.record(keys.map((key) => ({ key, state: 'dead', at, reason: DISCARDED })));
  await ledger.condemn(keys, DISCARDED);
  await failpoint('ops-console:after-condemn');
  for (const removed of await Promise.all(chosen.map((letter) => letters.remove(letter)))) {
    cleared[removed ? 'done' : 'gone'] += 1;
  }
  return cleared;
}
