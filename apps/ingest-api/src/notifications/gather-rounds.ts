import { setTimeout as delay } from 'node:timers/promises';

/**
 * ms that the first POST of a round waits for others. A round costs four or five round trips to Redis:
 * at 500 notifications/s about one for each, for 10 of the 50 ms that an answer may take.
 */
const LINGER_MS = 10;

interface Round<T, R> {
  inputs: T[];
  done: Promise<readonly R[]>;
}

/**
 * Does the work of all requests that are in hand at about the same time as one: looking up and putting
 * on a queue costs the same handful of round trips for one as for a hundred. Every caller waits until
 * its own part is done; a round that fails fails for all of its callers.
 *
 * @param work answers with one result for each input, in order
 */
export function gatherRounds<T, R>(
  work: (inputs: readonly T[]) => Promise<readonly R[]>,
  wait: (ms: number) => Promise<unknown> = delay,
): (input: T) => Promise<R> {
  let gathering: Round<T, R> | undefined;

  const carry = async (inputs: readonly T[]): Promise<readonly R[]> => {
    await wait(LINGER_MS);
    gathering = undefined;
    return work(inputs);
  };
  const begin = (): Round<T, R> => {
    const inputs: T[] = [];
    return { inputs, done: carry(inputs) };
  };

  return async (input) => {
    gathering ??= begin();
    const round = gathering;
    const place = round.inputs.push(input) - 1;
    const results = await round.done;
    return results[place] as R;
  };
}
