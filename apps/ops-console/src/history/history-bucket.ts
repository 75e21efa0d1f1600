/** A stretch of time; all but its beginning null: nobody looked. */
export interface HistoryBucket {
  /** ms since the epoch at which it begins */
  at: number;
  /** messages a second, the mean of the time that was looked at; null: it was looked at once */
  noticed: number | null;
  prepared: number | null;
  delivered: number | null;
  /** the most */
  inbound: number | null;
  outbound: number | null;
  walkedSecondsAgo: number | null;
  staleMailboxes: number | null;
  /** at its end */
  deadLetters: number | null;
}

/**
 * What the script keeps of a bucket: ms that were looked at, messages noticed, prepared and delivered in them, inbound,
 * outbound, least recent walk and stale (-1: unknown), dead letters. Nothing: nobody looked.
 */
type Numbers = readonly number[];

export function unpackNumbers(value: string): readonly [slot: number, numbers: Numbers] {
  const [slot = 0, ...numbers] = value.split(' ').map(Number);
  return [slot, numbers];
}

const SUMS = 4;
const DEAD_LETTERS = 8;

/** Several buckets as one, in the order of their time: sums, then the most, and the last dead letters. */
export function mergeNumbers(all: readonly Numbers[]): Numbers {
  const [first = [], ...others] = all;
  return others.reduce(
    (merged, one) =>
      merged.map((number, index) => {
        const other = one[index] ?? -1;
        if (index < SUMS) return number + other;
        return index < DEAD_LETTERS ? Math.max(number, other) : other;
      }),
    first,
  );
}

export function toBucket(at: number, numbers: Numbers): HistoryBucket {
  const known = (index: number): number | null => {
    const value = numbers[index] ?? -1;
    return value < 0 ? null : value;
  };
  const ms = numbers[0] ?? 0;
  /** To a message in three hours, which is 0.0001 a second. */
  const rate = (index: number): number | null =>
    ms === 0 ? null : Math.round(((numbers[index] ?? 0) * 1e7) / ms) / 1e4;
  return {
    at,
    noticed: rate(1),
    prepared: rate(2),
    delivered: rate(3),
    inbound: known(4),
    outbound: known(5),
    walkedSecondsAgo: known(6),
    staleMailboxes: known(7),
    deadLetters: known(8),
  };
}
