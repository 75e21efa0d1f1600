import type { FoundMessage } from '../state/search.ts';
import { plain } from '../words.ts';

/** Where a message is, for a chip. */
export function stateInWords({
  state,
  job,
  reason,
}: Pick<FoundMessage, 'state' | 'job' | 'reason'>): {
  text: string;
  kind: 'calm' | 'warn' | 'bad';
} {
  const why = reason ? `: ${plain(reason).toLowerCase()}` : '';
  if (state === 'delivered') return { text: 'delivered', kind: 'calm' };
  if (state === 'skipped') return { text: `skipped${why}`, kind: 'warn' };
  if (state === 'dead') return { text: `dead${why}`, kind: 'bad' };
  if (job?.failed) return { text: `dead in ${job.queue}`, kind: 'bad' };
  return { text: job ? `waits in ${job.queue}` : 'on the way', kind: 'calm' };
}
