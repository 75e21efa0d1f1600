import type { Subscriptions } from '@ms1/graph-client';
import type { SubscriptionRecord, SubscriptionStore } from '@ms1/mailboxes';
import type { Clock } from '@ms1/runtime';
import pLimit from 'p-limit';

export interface AskOptions {
  graph: Pick<Subscriptions, 'get'>;
  table: Pick<SubscriptionStore, 'put'>;
  clock: Clock;
  /** questions at once */
  limit: number;
  /** [0, 1) */
  random: () => number;
  onFailure: (error: unknown) => void;
  signal: AbortSignal;
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
export async function askAfter(
  doubted: readonly SubscriptionRecord[],
  { graph, table, clock, limit, random, onFailure, signal }: AskOptions,
): Promise<{ gone: SubscriptionRecord[]; missing: SubscriptionRecord[] }> {
  const gone: SubscriptionRecord[] = [];
  const missing: SubscriptionRecord[] = [];
  // From anywhere, so that each has its turn.
  const first = Math.floor(random() * doubted.length);
  const asked = [...doubted.slice(first), ...doubted.slice(0, first)].slice(0, QUESTIONS_MAX);
  const ask = async (record: SubscriptionRecord): Promise<void> => {
    try {
      const found = await graph.get(record.subscriptionId, signal);
      if (found === null) {
        (isSecond(record, clock.now()) ? gone : missing).push(record);
        if (record.missingAt === undefined) {
          await table.put({ ...record, missingAt: isoTime(clock.now()) });
        }
      } else if (record.missingAt !== undefined) {
        await table.put({ ...record, missingAt: undefined });
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
export function isSecond(
  { missingAt }: Pick<SubscriptionRecord, 'missingAt'>,
  now: number,
): boolean {
  return missingAt !== undefined && now - Date.parse(missingAt) >= SECOND_LOOK_MS;
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
