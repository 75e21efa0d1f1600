import { fileURLToPath } from 'node:url';

import { freePort } from './free-port.ts';
import { openRedis } from './open-redis.ts';
import { type SpawnedApp, spawnApp } from './spawn-app.ts';
import type { StartRedisOptions } from './start-redis.ts';

/** What the simulator lets in. */
export const SIMULATOR_TOKEN = 'a-token-of-the-test';

export interface RunningApp extends SpawnedApp {
  /** where it answers for its health */
  readonly health: string;
}

interface Status {
  tenantId: string;
  /** a mailbox that our credential does not reach */
  outsider: string;
  mailboxes: { id: string }[];
  /** messages in mailboxes, and records in MS4 */
  injected: number;
  stored: number;
  graph: { httpRequests: number; throttled: number; inFlightMax: number; subscriptions: number };
  ms4: { requests: number; items: number; stored: number; duplicates: number; replayed: number };
}

/** The file that `node` runs for an app. */
export const mainOf = (app: string): string =>
  fileURLToPath(new URL(`../../../apps/${app}/src/main.ts`, import.meta.url));

/**
 * A Redis, the simulator in the place of Graph and MS4, and what is started beside them: each a process, and ended
 * with the fleet, what was started last first.
 *
 * @param simulatorEnv what differs from a quick simulator
 */
export async function simulatedFleet(
  simulatorEnv: Record<string, string> = {},
  redisOptions: StartRedisOptions = {},
) {
  await using stack = new AsyncDisposableStack();
  const { server, redis } = stack.use(await openRedis(redisOptions));
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  const run = async (
    app: string,
    env: Record<string, string>,
    url: string,
  ): Promise<SpawnedApp> => {
    const spawned = apps.use(spawnApp({ entry: mainOf(app), env }));
    await spawned.ready(url);
    return spawned;
  };
  const startSimulator = (): Promise<SpawnedApp> =>
    run(
      'simulator',
      {
        SIMULATOR_PORT: String(port),
        SIMULATOR_TOKEN,
        SIMULATOR_GRAPH_LATENCY_MS: '5',
        SIMULATOR_GRAPH_MESSAGE_MS: '0',
        SIMULATOR_MS4_LATENCY_MS: '5',
        LOG_LEVEL: 'warn',
        ...simulatorEnv,
      },
      `${base}/readyz`,
    );
  const apps = stack.use(new AsyncDisposableStack());
  const simulator = await startSimulator();
  const call = async (path: string, init: RequestInit): Promise<unknown> => {
    const headers = { authorization: `Bearer ${SIMULATOR_TOKEN}` };
    const response = await fetch(`${base}/${path}`, { ...init, headers });
    if (!response.ok) throw new Error(`${path} answered ${response.status}`);
    return response.status === 204 ? null : response.json();
  };
  /** asks the simulator, or tells it: with a body */
  const control = async <T>(path: string, body?: object): Promise<T> =>
    (await call(
      `control/${path}`,
      body ? { method: 'POST', body: JSON.stringify(body) } : {},
    )) as T;
  const status = () => control<Status>('status');
  const { tenantId, outsider, mailboxes } = await status();

  const opened = stack.move();
  return {
    server,
    redis,
    redisUrl: server.url,
    base,
    simulator,
    startSimulator,
    control,
    status,
    tenantId,
    outsider,
    mailboxes: mailboxes.map(({ id }) => id),
    fault: (name: string, settings: object = {}) => control('faults', { name, ...settings }),
    clearFaults: () => call('control/faults', { method: 'DELETE' }),
    /** one message in a mailbox's inbox, of which nobody is told; answers with its immutable id */
    async inject(mailboxId: string, properties: object = {}, receivedAt?: string): Promise<string> {
      const operation = { op: 'inject', announced: false, properties, receivedAt };
      const path = `mailboxes/${mailboxId}/messages`;
      return (await control<{ messageId: string }>(path, operation)).messageId;
    },
    remove: (mailboxId: string, messageId: string) =>
      control(`mailboxes/${mailboxId}/messages`, { op: 'delete', messageId }),
    graphEnv: {
      GRAPH_BASE_URL: `${base}/v1.0`,
      GRAPH_TENANT_ID: tenantId,
      GRAPH_STATIC_TOKEN: SIMULATOR_TOKEN,
    },
    ms4Env: { MS4_BASE_URL: base, MS4_TOKEN: SIMULATOR_TOKEN, MS4_SENDER_BATCH_WAIT_MS: '50' },
    /** an app of ours, once it answers `until` with 200 */
    start: async (
      app: string,
      env: Record<string, string>,
      until: 'readyz' | 'healthz' = 'readyz',
    ): Promise<RunningApp> => {
      const healthPort = await freePort();
      const health = `http://127.0.0.1:${healthPort}`;
      const shared = { REDIS_URL: server.url, HEALTH_PORT: String(healthPort) };
      return { ...(await run(app, { ...shared, ...env }, `${health}/${until}`)), health };
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
