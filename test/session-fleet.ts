import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CONSOLE_PASSWORD,
  CONSOLE_TOKEN,
  freePort,
  SIMULATOR_TOKEN,
  type SpawnedApp,
  simulatedFleet,
  until,
} from '@ms1/testkit';

import { callJson } from '../tools/fleet/call-json.ts';
import { SimulatorClient } from '../tools/fleet/simulator-client.ts';
import { WitnessLedgers } from '../tools/fleet/witness-ledgers.ts';

export const ROLES = ['ingest-api', 'poller', 'processor', 'ms4-sender', 'ops-console'] as const;
export type FleetRole = (typeof ROLES)[number];
type FleetApp = SpawnedApp & { readonly health: string };

export interface SessionFleet extends AsyncDisposable {
  readonly apps: Readonly<Record<FleetRole, FleetApp>>;
  /** messages that MS4 has stored */
  stored(): Promise<number>;
  /** waits until so many are */
  storedAre(count: number, timeoutMs?: number): Promise<void>;
  /** what the simulator's own files say, once everything that is to be stored is */
  verdict(): { injected: number; lost: number; doubled: number; phantoms: number };
  /** why a role is not ready; empty: it is */
  unready(role: FleetRole): Promise<Record<string, string>>;
  /** names of the sessions that the console knows */
  sessions(): Promise<string[]>;
}

const SEED = 7;

/**
 * All five roles as processes on a Redis that a test has started, and a session whose mail appears while they run: half of
 * it announced by notifications, half left for polling.
 *
 * @param redisOf what of the environment says where Redis is, by role
 */
export async function startSession(
  redisOf: (role: FleetRole) => Record<string, string>,
  { messages, perSecond = 100 }: { messages: number; perSecond?: number },
): Promise<SessionFleet> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'ms1-session-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const fleet = stack.use(
    await simulatedFleet({
      SIMULATOR_DATA_DIR: folder,
      SIMULATOR_MAILBOXES: '10',
      SIMULATOR_SEED: String(SEED),
    }),
  );
  const { base, graphEnv, ms4Env, mailboxes, tenantId } = fleet;
  const [ingestPort, consolePort] = [await freePort(), await freePort()];
  const common = {
    ...graphEnv,
    MAILBOXES: mailboxes.join(','),
    INGEST_SINCE: '2020-01-01T00:00:00Z',
    POLLER_INTERVAL_MS: '2000',
    NOTIFICATION_URL: `http://127.0.0.1:${ingestPort}/webhooks/graph`,
  };
  const env: Record<FleetRole, Record<string, string>> = {
    'ingest-api': { INGEST_API_HOST: '127.0.0.1', INGEST_API_PORT: String(ingestPort) },
    poller: common,
    processor: graphEnv,
    'ms4-sender': ms4Env,
    'ops-console': {
      GRAPH_TENANT_ID: tenantId,
      MAILBOXES: mailboxes.join(','),
      OPS_CONSOLE_PORT: String(consolePort),
      OPS_CONSOLE_PASSWORD: CONSOLE_PASSWORD,
      OPS_CONSOLE_TOKEN: CONSOLE_TOKEN,
    },
  };
  const apps = {} as Record<FleetRole, FleetApp>;
  let isOver = false;
  const restarts: Promise<void>[] = [];
  stack.defer(async () => {
    isOver = true;
    await Promise.all(restarts);
  });
  // Whoever ends by itself is started again, as its container is: a worker that no longer comes round ends (watchWorker).
  const keep = async (role: FleetRole): Promise<void> => {
    const app = await fleet.start(role, { ...env[role], ...redisOf(role) }, 'healthz');
    apps[role] = app;
    void app.exited.then(() => restarts.push(again(role)));
  };
  const again = async (role: FleetRole): Promise<void> => {
    if (isOver) return;
    // Redis may still be away.
    await keep(role).catch(() => again(role));
  };
  for (const role of ROLES) await keep(role);
  const api = <T>(path: string, body?: object): Promise<T> =>
    callJson<T>(`http://127.0.0.1:${consolePort}/api${path}`, {
      token: CONSOLE_TOKEN,
      ...(body && { method: 'POST', body }),
    });
  const unready = async (role: FleetRole): Promise<Record<string, string>> => {
    const answer = await fetch(`${apps[role].health}/readyz`);
    return ((await answer.json()) as { unready: Record<string, string> }).unready;
  };
  for (const role of ROLES) {
    await until(async () => Object.keys(await unready(role)).length === 0, {
      what: `${role} is ready`,
    });
  }
  await api('/sessions', { name: 'november' });
  const simulator = new SimulatorClient(base, SIMULATOR_TOKEN);
  const plan = { messages, mailboxes: 10, seed: SEED, announced: 0.5, perSecond };
  await simulator.inject(plan);
  const stored = async (): Promise<number> => (await simulator.status()).stored;
  const opened = stack.move();
  return {
    apps,
    stored,
    async storedAre(count, timeoutMs = 600_000) {
      await until(async () => (await stored()) >= count, {
        timeoutMs,
        what: `${count} are stored`,
      });
    },
    verdict() {
      const ledgers = new WitnessLedgers(folder, plan);
      ledgers.refresh();
      return {
        injected: ledgers.injected,
        lost: ledgers.missing().length,
        doubled: ledgers.doubled().length,
        phantoms: ledgers.phantoms().length,
      };
    },
    unready,
    sessions: async () => (await api<{ name: string }[]>('/sessions')).map(({ name }) => name),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
