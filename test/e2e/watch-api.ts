import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { createContract } from '../../apps/ops-console/test/api-contract.ts';

const PATHS = [
  '/status',
  '/fleet',
  '/queues',
  '/sessions',
  '/mailboxes',
  '/tenants',
  '/subscriptions',
  '/audits/rolling',
  '/dead-letters/groups',
  '/actions',
];

/**
 * Asks the console of a running fleet what it knows, again and again until it is stopped, and holds every
 * answer against the document that the same console serves.
 */
export function watchApi(dataDir: string, port: number) {
  const seen = { answers: 0, faults: [] as string[], apps: new Set<string>() };
  const state: { contract?: ReturnType<typeof createContract>; busy: boolean } = { busy: false };

  const get = async (path: string) => {
    const { consoleToken } = JSON.parse(readFileSync(join(dataDir, 'secrets.json'), 'utf8')) as {
      consoleToken: string;
    };
    const response = await fetch(`http://127.0.0.1:${port}/api${path}`, {
      headers: { authorization: `Bearer ${consoleToken}` },
    });
    const { status, headers } = response;
    return { method: 'GET', path: `/api${path}`, status, headers, text: await response.text() };
  };
  const look = async (): Promise<void> => {
    state.contract ??= createContract(JSON.parse((await get('/openapi.json')).text) as object);
    for (const path of PATHS) {
      const answer = await get(path);
      // While the fleet starts or stops, its Redis may be away: that is described too.
      seen.faults.push(...state.contract(answer));
      if (answer.status === 200) seen.answers += 1;
      if (path !== '/fleet' || answer.status !== 200) continue;
      const { processes } = JSON.parse(answer.text) as { processes: { app: string }[] };
      for (const { app } of processes) seen.apps.add(app);
    }
  };
  const timer = setInterval(() => {
    if (state.busy || !existsSync(join(dataDir, 'secrets.json'))) return;
    state.busy = true;
    void look()
      // It is not up yet, or not any more.
      .catch(() => undefined)
      .finally(() => {
        state.busy = false;
      });
  }, 500);
  return {
    stop() {
      clearInterval(timer);
      return { ...seen, apps: [...seen.apps].toSorted() };
    },
  };
}
