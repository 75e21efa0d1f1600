import type { AnswerOf } from '../routes.ts';
import { tableOf } from './csv-table.ts';

type History = AnswerOf<'GET /history'>;
type Row = History['buckets'][number] & { stepSeconds: number };

/** What happened in each step. Messages, and no rates: a point in a number is a date to a German Excel. */
export const history = tableOf<'GET /history', Row>(
  'history',
  ({ buckets, stepSeconds }) => buckets.map((bucket) => ({ ...bucket, stepSeconds })),
  {
    at: ({ at }) => at,
    seconds: ({ stepSeconds }) => stepSeconds,
    noticed: (row) => messages(row.noticed, row),
    prepared: (row) => messages(row.prepared, row),
    delivered: (row) => messages(row.delivered, row),
    inbound: ({ inbound }) => inbound,
    outbound: ({ outbound }) => outbound,
    walked_seconds_ago: ({ walkedSecondsAgo }) => walkedSecondsAgo,
    stale_mailboxes: ({ staleMailboxes }) => staleMailboxes,
    dead_letters: ({ deadLetters }) => deadLetters,
  },
);

function messages(perSecond: number | null, { stepSeconds }: Row): number | null {
  return perSecond === null ? null : Math.round(perSecond * stepSeconds);
}
