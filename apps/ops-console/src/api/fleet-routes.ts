import type { ProcessStore } from '@ms1/coordination';
import type { RedisServerFacts } from '@ms1/redis';

import { rfc3339 } from './rfc3339.ts';
import { handle, reply } from './route.ts';

/** What must run at least once for mail to flow. */
const APPS = ['ingest-api', 'poller', 'processor', 'ms4-sender', 'ops-console'];

export interface FleetSources {
  processes: Pick<ProcessStore, 'list'>;
  redisFacts: () => Promise<RedisServerFacts>;
}

/** `/api/fleet`: which processes are alive */
export function fleetRoutes({ processes, redisFacts }: FleetSources) {
  return handle({
    async 'GET /fleet'() {
      const [alive, { maxmemoryPolicy: _, writesDisk: __, ...redis }] = await Promise.all([
        processes.list(),
        redisFacts(),
      ]);
      return reply(200, {
        processes: alive.map(
          ({ startedAt, seenAt, unready, lastError, credentials = {}, ...rest }) => ({
            ...rest,
            startedAt: rfc3339(startedAt),
            seenAt: rfc3339(seenAt),
            ready: unready.length === 0,
            unready,
            lastError: lastError ? { ...lastError, at: rfc3339(lastError.at) } : null,
            credentials: Object.fromEntries(
              Object.entries(credentials).map(([name, at]) => [name, rfc3339(at)]),
            ),
          }),
        ),
        missing: APPS.filter((app) => !alive.some((one) => one.app === app)),
        redis,
      });
    },
  });
}
