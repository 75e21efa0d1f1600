import type { ProcessStore } from '@ms1/coordination';
import type { RedisServerFacts } from '@ms1/redis';
import { z } from 'zod';

import { rfc3339 } from './rfc3339.ts';
import { defineRoute, type Route, reply } from './route.ts';

/** What must run at least once for mail to flow. */
const APPS = ['ingest-api', 'poller', 'processor', 'ms4-sender', 'ops-console'];

const Fleet = z
  .object({
    processes: z.array(
      z.object({
        id: z.string(),
        app: z.string(),
        version: z.string(),
        host: z.string(),
        pid: z.int(),
        startedAt: z.string(),
        seenAt: z.string(),
        ready: z.boolean(),
        unready: z.array(z.string()).meta({ description: 'names of the checks that fail' }),
      }),
    ),
    missing: z.array(z.string()).meta({ description: 'apps of which no process is alive' }),
    redis: z.object({
      version: z.string(),
      persistent: z.boolean(),
      usedMemoryBytes: z.number(),
      maxMemoryBytes: z.number().meta({ description: '0: no limit' }),
    }),
  })
  .meta({ id: 'Fleet' });

export interface FleetSources {
  processes: Pick<ProcessStore, 'list'>;
  redisFacts: () => Promise<RedisServerFacts>;
}

/** `/api/fleet`: which processes are alive */
export function fleetRoutes({ processes, redisFacts }: FleetSources): Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/fleet',
      tag: 'status',
      summary: 'Processes that are alive, whether they are ready, and the memory of Redis',
      policy: 'reader',
      responses: { 200: Fleet },
      async handle() {
        const [alive, { maxmemoryPolicy: _, ...redis }] = await Promise.all([
          processes.list(),
          redisFacts(),
        ]);
        return reply(200, {
          processes: alive.map(({ startedAt, seenAt, unready, ...rest }) => ({
            ...rest,
            startedAt: rfc3339(startedAt),
            seenAt: rfc3339(seenAt),
            ready: unready.length === 0,
            unready,
          })),
          missing: APPS.filter((app) => !alive.some((one) => one.app === app)),
          redis,
        });
      },
    }),
  ];
}
