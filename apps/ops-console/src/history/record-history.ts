import type { Overview } from '@ms1/console-api';
import type { Ledger } from '@ms1/ledger';
import type { Task } from '@ms1/runtime';

import type { Sampler } from '../live/sampler.ts';
import { turns } from '../wiring/turns.ts';
import type { HistoryStore } from './history-store.ts';

export interface RecordHistoryOptions {
  history: Pick<HistoryStore, 'begin' | 'add'>;
  ledger: Pick<Ledger, 'totals'>;
  sampler: Pick<Sampler, 'overview'>;
  onError?: (error: unknown) => void;
  intervalMs?: number;
}

/** ms between samples: two in the shortest bucket. */
const EVERY_MS = 5_000;

/** Notes what the console sees. Each console may: of samples that overlap one is taken. */
export function recordHistory(options: RecordHistoryOptions): Task {
  const { onError, intervalMs = EVERY_MS } = options;
  return turns({ intervalMs, onError }, () => recordSample(options));
}

export async function recordSample({
  history,
  ledger,
  sampler,
}: Pick<RecordHistoryOptions, 'history' | 'ledger' | 'sampler'>): Promise<void> {
  const begun = await history.begin();
  // The overview may be a second old: what is counted has to be newer than the last sample.
  const [totals, overview] = await Promise.all([ledger.totals(), sampler.overview()]);
  await history.add(begun, {
    totals,
    inbound: depthOf(overview, 'inbound'),
    outbound: depthOf(overview, 'outbound'),
    walkedSecondsAgo: leastRecentWalk(overview),
    staleMailboxes: overview.mailboxes.stale,
    deadLetters: overview.deadLetters.total,
  });
}

function depthOf({ queues }: Overview, queue: 'inbound' | 'outbound'): number {
  const own = queues.filter(({ name }) => name === queue);
  return own.reduce((sum, { waiting, active, delayed }) => sum + waiting + active + delayed, 0);
}

/** Of those that are walked at all: whoever was never walked is among the stale. */
function leastRecentWalk({ at, mailboxes }: Overview): number | null {
  const ages = mailboxes.longestAgo.flatMap(({ paused, walkedAt }) =>
    paused || walkedAt === null ? [] : [Date.parse(at) - Date.parse(walkedAt)],
  );
  return ages.length === 0 ? null : Math.max(0, Math.round(Math.max(...ages) / 1_000));
}
