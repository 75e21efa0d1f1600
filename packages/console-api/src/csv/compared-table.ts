import { listTable } from './csv-table.ts';

/** Sessions side by side, a line each. Messages an hour, because numbers are whole. */
export const comparedSessions = listTable<'GET /sessions/compare'>('sessions-compared', {
  id: ({ id }) => id,
  name: ({ name }) => name,
  status: ({ status }) => status,
  mailboxes: ({ mailboxes }) => mailboxes,
  from: ({ from }) => from,
  to: ({ to }) => to,
  created: ({ createdAt }) => createdAt,
  finished: ({ finishedAt }) => finishedAt,
  seconds: ({ seconds }) => Math.round(seconds),
  final_per_hour: ({ perSecond }) => Math.round(perSecond * 3_600),
  found: ({ found }) => found,
  on_the_way: ({ counts }) => counts.queued + counts.prepared,
  delivered: ({ counts }) => counts.delivered,
  skipped: ({ counts }) => counts.skipped,
  dead: ({ counts }) => counts.dead,
  put_back: ({ requeued }) => requeued,
  missing: ({ missing }) => missing,
  report: ({ report }) => report?.status,
  unexplained: ({ report }) => report?.unexplained,
  inbound_most: ({ service }) => service.inbound,
  outbound_most: ({ service }) => service.outbound,
  walked_seconds_ago_most: ({ service }) => service.walkedSecondsAgo,
});
