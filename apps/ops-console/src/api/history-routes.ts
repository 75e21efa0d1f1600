import { HISTORY_RANGE_NAMES, type HistoryRange, reachOf } from '../history/history-ranges.ts';
import type { HistoryStore } from '../history/history-store.ts';
import { handle, reply } from './route.ts';

/** `/api/history` */
export function historyRoutes(history: Pick<HistoryStore, 'read' | 'begin'>) {
  /** The finest that reaches back as far; the longest where none does. */
  const reaching = async (from: number): Promise<HistoryRange> => {
    const { now } = await history.begin();
    return HISTORY_RANGE_NAMES.find((range) => now - reachOf(range) <= from) ?? 'month';
  };
  return handle({
    async 'GET /history'({ query }) {
      const from = query.from === undefined ? undefined : Date.parse(query.from);
      const to = query.to === undefined ? undefined : Date.parse(query.to);
      const range = from === undefined ? query.range : await reaching(from);
      const { now, stepMs, buckets } = await history.read(range, {
        ...(from !== undefined && { from }),
        ...(to !== undefined && { to }),
        points: query.points,
      });
      return reply(200, {
        range,
        stepSeconds: stepMs / 1_000,
        now: new Date(now).toISOString(),
        buckets: buckets.map(({ at, ...figures }) => ({
          at: new Date(at).toISOString(),
          ...figures,
        })),
      });
    },
  });
}
