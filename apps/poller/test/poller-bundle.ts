import { fileURLToPath } from 'node:url';
import { QUEUES } from '@ms1/contracts';
import { MailboxDirectory } from '@ms1/mailboxes';
import { createQueue } from '@ms1/queue';
import { connectRedis } from '@ms1/redis';
import { freePort, type SpawnedApp, spawnApp, startRedis } from '@ms1/testkit';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const SIMULATOR = fileURLToPath(new URL('../../simulator/src/main.ts', import.meta.url));
const PROCESSOR = fileURLToPath(new URL('../../processor/src/main.ts', import.meta.url));
const SENDER = fileURLToPath(new URL('../../ms4-sender/src/main.ts', import.meta.url));
const INGEST_API = fileURLToPath(new URL('../../ingest-api/src/main.ts', import.meta.url));
const TOKEN = 'a-token-for-tests';

export interface SimulatorStatus {
  tenantId: string;
  mailboxes: { id: string; address: string }[];
  injected: number;
  stored: number;
  graph: { httpRequests: number; throttled: number; inFlightMax: number; subscriptions: number };
}

/** A private Redis, a simulator and its control API, and pollers as processes. */
export async function setup({ mailboxes = 2 }: { mailboxes?: number } = {}) {
  await using stack = new AsyncDisposableStack();
  const { url: redisUrl } = stack.use(await startRedis());
  const [simulatorPort, webhookPort] = [await freePort(), await freePort()];
  const simulator = stack.use(
    spawnApp({
      entry: SIMULATOR,
      env: {
        SIMULATOR_PORT: String(simulatorPort),
        SIMULATOR_MAILBOXES: String(mailboxes),
        SIMULATOR_TOKEN: TOKEN,
        SIMULATOR_GRAPH_LATENCY_MS: '1',
      },
    }),
  );
  const simulatorUrl = `http://127.0.0.1:${simulatorPort}`;
  await simulator.ready(`${simulatorUrl}/readyz`);
  const redis = await connectRedis({ url: redisUrl, role: 'worker', name: 'test' });
  stack.defer(() => redis.disconnect());
  const inbound = createQueue(QUEUES.inbound, { connection: redis, prefix: '{ms1}' });
  const polling = createQueue(QUEUES.polling, { connection: redis, prefix: '{ms1}' });

  const control = async <T>(path: string, body?: object): Promise<T> => {
    const response = await fetch(`${simulatorUrl}/control/${path}`, {
      method: body ? 'POST' : 'GET',
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`control/${path} answered ${response.status}`);
    return (await response.json()) as T;
  };
  /** Graph itself, as the app that the pollers are. */
  const graph = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`${simulatorUrl}/v1.0/${path}`, {
      ...init,
      headers: { authorization: `Bearer ${TOKEN}` },
    });
  const start = async (entry: string, env: Record<string, string>): Promise<SpawnedApp> => {
    const health = await freePort();
    const shared = { REDIS_URL: redisUrl, HEALTH_PORT: String(health) };
    const app = opened.use(spawnApp({ entry, env: { ...shared, ...env } }));
    await app.ready(`http://127.0.0.1:${health}/readyz`);
    return app;
  };
  const status = () => control<SimulatorStatus>('status');
  const known = await status();

  const graphEnv = {
    GRAPH_BASE_URL: `${simulatorUrl}/v1.0`,
    GRAPH_TENANT_ID: known.tenantId,
    GRAPH_STATIC_TOKEN: TOKEN,
  };

  const opened = stack.move();
  return {
    redis,
    redisUrl,
    directory: new MailboxDirectory(redis),
    simulatorUrl,
    inbound,
    polling,
    control,
    graph,
    status,
    tenantId: known.tenantId,
    mailboxes: known.mailboxes.map(({ id }) => id),
    webhookUrl: `http://127.0.0.1:${webhookPort}/webhooks/graph`,
    startPoller: (env: Record<string, string> = {}): Promise<SpawnedApp> =>
      start(MAIN, {
        ...graphEnv,
        MAILBOXES: known.mailboxes.map(({ id }) => id).join(','),
        POLLER_INTERVAL_MS: '1000',
        POLLER_AUDIT_INTERVAL_MINUTES: '0',
        ...env,
      }),
    startIngestApi: (env: Record<string, string> = {}): Promise<SpawnedApp> =>
      start(INGEST_API, {
        INGEST_API_HOST: '127.0.0.1',
        INGEST_API_PORT: String(webhookPort),
        ...env,
      }),
    startProcessor: (): Promise<SpawnedApp> => start(PROCESSOR, graphEnv),
    startSender: (): Promise<SpawnedApp> =>
      start(SENDER, {
        MS4_BASE_URL: simulatorUrl,
        MS4_TOKEN: TOKEN,
        MS4_SENDER_BATCH_WAIT_MS: '50',
      }),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
