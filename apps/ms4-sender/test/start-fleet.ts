import { join } from 'node:path';

import { JOBS, jobIdOf, QUEUES } from '@ms1/contracts';
import { Ledger } from '@ms1/ledger';
import { createQueue } from '@ms1/queue';
import { closeRedis, connectRedis } from '@ms1/redis';
import { aDelivery, freePort, type SpawnedApp, spawnApp, startRedis, until } from '@ms1/testkit';

const SENDER = join(import.meta.dirname, '../src/main.ts');
const SIMULATOR = join(import.meta.dirname, '../../simulator/src/main.ts');
const TOKEN = 'a-token-of-the-test';
const prefix = '{ms1}';

/** A Redis, a simulator, and as many senders as are started, all as processes. */
export async function startFleet(simulatorEnv: Record<string, string> = {}) {
  const stack = new AsyncDisposableStack();
  try {
    const redis = stack.use(await startRedis());
    const port = await freePort();
    const base = `http://127.0.0.1:${port}`;
    const startSimulator = async (): Promise<SpawnedApp> => {
      const simulator = stack.use(
        spawnApp({
          entry: SIMULATOR,
          env: {
            SIMULATOR_PORT: String(port),
            SIMULATOR_TOKEN: TOKEN,
            SIMULATOR_MS4_LATENCY_MS: '5',
            LOG_LEVEL: 'warn',
            ...simulatorEnv,
          },
        }),
      );
      await simulator.ready(`${base}/readyz`);
      return simulator;
    };
    const simulator = await startSimulator();
    const connection = await connectRedis({ url: redis.url, role: 'worker', name: 'test' });
    stack.defer(() => closeRedis(connection));
    const queue = createQueue(QUEUES.outbound, { connection, prefix });
    stack.defer(() => queue.close());
    const inbound = createQueue(QUEUES.inbound, { connection, prefix });
    stack.defer(() => inbound.close());

    const control = async (method: string, path: string, body?: object): Promise<unknown> => {
      const response = await fetch(`${base}/control/${path}`, {
        method,
        headers: { authorization: `Bearer ${TOKEN}` },
        ...(body && { body: JSON.stringify(body) }),
      });
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status}`);
      return response.status === 204 ? null : response.json();
    };

    const ledger = new Ledger(connection, { prefix });
    return {
      /** what a worker of the test's own is made with */
      async connect() {
        const own = await connectRedis({ url: redis.url, role: 'worker', name: 'test worker' });
        return { connection: own, prefix, [Symbol.asyncDispose]: () => closeRedis(own) };
      },
      queue,
      inbound,
      ledger,
      redis,
      simulator,
      startSimulator,
      fault: (name: string, settings: object = {}) =>
        control('POST', 'faults', { name, ...settings }),
      clearFaults: () => control('DELETE', 'faults'),
      /** ms of a monotonic clock at which each batch request reached MS4, in order */
      async arrivals(): Promise<number[]> {
        const body = (await control('GET', 'arrivals')) as { arrivals: { monotonicMs: number }[] };
        return body.arrivals.map(({ monotonicMs }) => monotonicMs);
      },
      /** waits until the ledger has each of them as delivered */
      async delivered(keys: readonly string[], timeoutMs = 120_000): Promise<void> {
        await until(
          async () => {
            const entries = await ledger.known([...keys]);
            return entries.every((entry) => entry?.state === 'delivered');
          },
          { what: 'all delivered', timeoutMs },
        );
      },
      /** a request of the test's own, past every sender */
      post: (batch: { batchId: string; body: Buffer }) =>
        fetch(`${base}/v1/batches`, {
          method: 'POST',
          headers: {
            authorization: `Bearer ${TOKEN}`,
            'content-type': 'application/json',
            'idempotency-key': batch.batchId,
          },
          body: new Uint8Array(batch.body),
        }),
      base,
      token: TOKEN,
      async ms4() {
        const status = (await control('GET', 'status')) as {
          stored: number;
          ms4: {
            requests: number;
            items: number;
            stored: number;
            duplicates: number;
            replayed: number;
          };
        };
        return status.ms4;
      },
      async startSender(
        env: Record<string, string> = {},
      ): Promise<SpawnedApp & { health: string }> {
        const healthPort = await freePort();
        const sender = stack.use(
          spawnApp({
            entry: SENDER,
            env: {
              REDIS_URL: redis.url,
              HEALTH_PORT: String(healthPort),
              MS4_BASE_URL: base,
              MS4_TOKEN: TOKEN,
              MS4_SENDER_BATCH_WAIT_MS: '50',
              ...env,
            },
          }),
        );
        const health = `http://127.0.0.1:${healthPort}`;
        await sender.ready(`${health}/healthz`);
        return Object.assign(sender, { health });
      },
      /** puts records from..to-1 on `outbound`, as the processor does */
      async add(from: number, to: number, changes: Parameters<typeof aDelivery>[1] = {}) {
        const payloads = Array.from({ length: to - from }, (_, n) => aDelivery(from + n, changes));
        await queue.addBulk(
          payloads.map((data) => ({
            name: JOBS.deliverRecord,
            data,
            opts: { jobId: jobIdOf(data.record.id) },
          })),
        );
        return payloads.map(({ record }) => record.id);
      },
      async [Symbol.asyncDispose]() {
        await stack.disposeAsync();
      },
    };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}
