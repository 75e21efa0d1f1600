import type { Progress } from '@ms1/runtime';

import type { PrepareReport } from './prepare-report.ts';

/** Refusals that are not about a mailbox or a message: Graph, or the way to it. */
const NO_ANSWER = new Set(['graph_transient', 'graph_timeout']);

/** Tells what became of a batch: an end of a message is progress, a Graph that answers for none is none. */
export function tellProgress(
  progress: Pick<Progress, 'made' | 'blocked'>,
  { prepared, skipped, dead, snoozed, retried, pausedBy, refusals }: PrepareReport,
): void {
  if (prepared + skipped + dead > 0) return progress.made();
  if (pausedBy) return progress.blocked(pausedBy.message);
  const codes = Object.keys(refusals);
  if (codes.length === 0 || !codes.every((code) => NO_ANSWER.has(code))) return;
  // What one message gets alone is counted as its own fault, and ends as a dead letter.
  if (snoozed > 0 || retried > 1) progress.blocked(`Graph does not answer (${codes.join(', ')})`);
}
