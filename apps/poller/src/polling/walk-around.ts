import { type GraphError, mayBeOneMessage } from '@ms1/graph-client';

import type { RelookReport } from './relook-folder.ts';

/**
 * What becomes of a walk whose next page cannot be read, not even as a page of one: a message on it is at fault, or Graph
 * is unwell. The position stands, because delta leads past that message only with it; the folder is listed instead, which
 * finds what came before and behind it. A Graph that is unwell fails that too.
 *
 * @param relook lists what was received since shortly before then
 * @param noticedTo ms since the epoch: everything received before was noticed; null: nothing is known of it
 * @throws {GraphError} the same, where a single message cannot be why
 */
export async function walkAround(
  error: unknown,
  relook: (from: number) => Promise<RelookReport>,
  { noticedTo, since }: { noticedTo: number | null; since: string },
): Promise<{ kind: 'around'; error: GraphError; relook: RelookReport }> {
  if (!mayBeOneMessage(error)) throw error;
  const report = await relook(noticedTo ?? Date.parse(since));
  return { kind: 'around', error: error as GraphError, relook: report };
}
