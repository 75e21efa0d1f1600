import pLimit from 'p-limit';

/** What is asked after, and what is kept of the answers. */
interface Doubted {
  subscriptionId: string;
  /** RFC 3339 UTC: when Graph first said, to a question for it alone, that it does not have it */
  missingAt?: string | undefined;
}

export interface AskOptions<T extends Doubted> {
  /** of the subscription itself; null: 404 */
  get: (id: string) => Promise<object | null>;
  put: (record: T) => Promise<void>;
  now: () => number;
  /** questions at once */
  limit: number;
  /** [0, 1) */
  random: () => number;
  onFailure: (error: unknown) => void;
}

/**
 * ms between two 404s that together say that a subscription is gone: one alone may be of a Graph that is in trouble,
 * and the secret that is thrown away with a record is the only one there is
 */
const SECOND_LOOK_MS = 10_000;
/** Questions of one run: a list that lies about all of 5,000 must not cost as many requests every two minutes. */
const QUESTIONS_MAX = 100;

/**
 * Asks Graph after subscriptions that its list does not show. Absence in a list proves nothing: only two
 * 404s to questions for the one itself do.
 *
 * @returns those that are gone, and those that a second look will decide
 */
export async function askAfter<T extends Doubted>(
  doubted: readonly T[],
  { get, put, now, limit, random, onFailure }: AskOptions<T>,
): Promise<{ gone: T[]; missing: T[] }> {
  const gone: T[] = [];
  const missing: T[] = [];
  // From anywhere, so that each has its turn.
  const first = Math.floor(random() * doubted.length);
  const asked = [...doubted.slice(first), ...doubted.slice(0, first)].slice(0, QUESTIONS_MAX);
  const ask = async (record: T): Promise<void> => {
    try {
      const found = await get(record.subscriptionId);
      if (found === null) {
        (isSecond(record, now()) ? gone : missing).push(record);
        if (record.missingAt === undefined) await put({ ...record, missingAt: isoTime(now()) });
      } else if (record.missingAt !== undefined) {
        await put({ ...record, missingAt: undefined });
      }
    } catch (error) {
      onFailure(error);
    }
  };
  const limited = pLimit(limit);
  await Promise.all(asked.map((record) => limited(ask, record)));
  return { gone, missing };
}

/** Was it missing before, long enough ago? */
export function isSecond({ missingAt }: Doubted, now: number): boolean {
  return missingAt !== undefined && now - Date.parse(missingAt) >= SECOND_LOOK_MS;
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
