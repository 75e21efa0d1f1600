import type { HealthSource } from '@ms1/runtime';

import type { Call, Reply } from './call.ts';

/** `/healthz` and `/readyz`, on the simulator's own port; undefined for any other path. */
export async function healthOf(source: HealthSource, { path }: Call): Promise<Reply | undefined> {
  if (path === '/healthz') {
    return { status: source.alive ? 200 : 503, body: { status: source.alive ? 'ok' : 'failed' } };
  }
  if (path !== '/readyz') return undefined;
  const unready = await source.unready();
  const ready = Object.keys(unready).length === 0;
  return { status: ready ? 200 : 503, body: { status: ready ? 'ready' : 'not ready', unready } };
}
