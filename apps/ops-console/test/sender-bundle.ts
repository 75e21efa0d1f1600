import { fileURLToPath } from 'node:url';
import { JOBS, jobIdOf } from '@ms1/contracts';
import { aDelivery, aRecord, freePort, spawnApp } from '@ms1/testkit';

import { consoleBundle } from './console-bundle.ts';

const SIMULATOR = fileURLToPath(new URL('../../simulator/src/main.ts', import.meta.url));
const SENDER = fileURLToPath(new URL('../../ms4-sender/src/main.ts', import.meta.url));
const SIMULATOR_TOKEN = 'a-token-for-tests';

/** The console beside a simulated MS4 and the app that sends to it, as processes. */
export async function senderBundle() {
  await using stack = new AsyncDisposableStack();
  const console = stack.use(await consoleBundle());
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  const simulator = stack.use(
    spawnApp({
      entry: SIMULATOR,
      env: {
        SIMULATOR_PORT: String(port),
        SIMULATOR_TOKEN,
        SIMULATOR_MS4_LATENCY_MS: '2',
        LOG_LEVEL: 'warn',
      },
    }),
  );
  await simulator.ready(`${base}/readyz`);
  const health = await freePort();
  const sender = stack.use(
    spawnApp({
      entry: SENDER,
      env: {
        REDIS_URL: console.redisServer.url,
        HEALTH_PORT: String(health),
        MS4_BASE_URL: base,
        MS4_TOKEN: SIMULATOR_TOKEN,
        MS4_SENDER_BATCH_WAIT_MS: '20',
      },
    }),
  );
  await sender.ready(`http://127.0.0.1:${health}/healthz`);
  const control = async (method: string, path: string, body?: object): Promise<unknown> => {
    const response = await fetch(`${base}/control/${path}`, {
      method,
      headers: { authorization: `Bearer ${SIMULATOR_TOKEN}` },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status}`);
    return response.status === 204 ? null : response.json();
  };
  const opened = stack.move();
  return {
    ...console,
    fault: (name: string, settings: object = {}) =>
      control('POST', 'faults', { name, ...settings }),
    clearFaults: () => control('DELETE', 'faults'),
    /** records MS4 has stored, one that it stored twice counted twice */
    async effects(): Promise<number> {
      const status = (await control('GET', 'status')) as { ms4: { stored: number } };
      return status.ms4.stored;
    },
    /** puts records on `outbound`, as the processor does; a subject of null is data that does not parse */
    async send(subjects: readonly (string | null)[]): Promise<string[]> {
      const jobs = subjects.map((subject, n) => {
        const data = subject === null ? { v: 1, record: {} } : aDelivery(n, { subject });
        return { name: JOBS.deliverRecord, data, opts: { jobId: jobIdOf(aRecord(n).id) } };
      });
      await console.outbound.addBulk(jobs);
      const keys = jobs.map((_, n) => aRecord(n).id);
      const at = Date.now();
      await console.ledger.record(keys.map((key) => ({ key, state: 'prepared', at })));
      return keys;
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
