import type { HistoryStore } from '../history/history-store.ts';
import { handle, reply } from './route.ts';

/** `/api/history` */
export function historyRoutes(history: Pick<HistoryStore, 'read' | 'reaching'>) {
  return handle({
    async 'GET /history'({ query }) {
      const from = query.from === undefined ? undefined : Date.parse(query.from);
      const to = query.to === undefined ? undefined : Date.parse(query.to);
      const range = from === undefined ? query.range : await history.reaching(from);
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
