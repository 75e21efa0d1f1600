import type { LogLevelStore } from '@ms1/coordination';
import type { Clock } from '@ms1/runtime';

import { rfc3339 } from './rfc3339.ts';
import { handle, reply } from './route.ts';

export interface LogLevelSources {
  levels: Pick<LogLevelStore, 'want' | 'end' | 'read'>;
  clock: Clock;
}

/** `/api/log-level` */
export function logLevelRoutes({ levels, clock }: LogLevelSources) {
  const read = async () => {
    const wanted = await levels.read();
    if (!wanted) return { level: null, until: null };
    return { level: wanted.level, until: rfc3339(clock.now() + wanted.leftMs) };
  };
  return handle({
    'GET /log-level': async () => reply(200, await read()),
    async 'POST /log-level'({ body: { level, minutes } }) {
      await levels.want(level, minutes * 60_000);
      return reply(200, await read());
    },
    async 'DELETE /log-level'() {
      await levels.end();
      return reply(200, await read());
    },
  });
}
