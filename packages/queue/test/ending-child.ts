/** A process with a worker, for tests that end it: `node ending-child.ts '<EndingOptions as JSON>'`. */
import { closeRedis, connectRedis } from '@ms1/redis';
import { App, createLogger } from '@ms1/runtime';
import { Worker } from 'bullmq';

import { createWorker, runWorker } from '../src/index.ts';

export interface EndingOptions {
  port: number;
  prefix: string;
  /**
   * app         as our processes are made
   * deaf        knows nothing of signals: the control of what is in hand at a SIGTERM
   * patient     closes in order, however long that takes: the control of the deadline
   * swallowing  goes on after a rejection that nobody awaits: the control of its end
   */
  kind: 'app' | 'deaf' | 'patient' | 'swallowing';
}

const SHUTDOWN_MS = 500;

const { port, prefix, kind } = JSON.parse(process.argv[2] ?? '{}') as EndingOptions;
const queue = 'polling';
const concurrency = 2;
/** that what it has in hand is done: the test says so */
const done = new Promise((resolve) => process.once('SIGUSR2', resolve));

async function work({ name }: { name: string }): Promise<void> {
  process.stdout.write(`${name} in hand\n`);
  if (name === 'aside') void Promise.reject(new Error('of what nobody awaits'));
  if (name !== 'quick') await done;
}

async function asApp(): Promise<void> {
  const app = new App({ logger: createLogger('ending', 'info'), shutdownTimeoutMs: SHUTDOWN_MS });
  const url = `redis://127.0.0.1:${port}`;
  const redis = await app.acquire(
    'redis',
    () => connectRedis({ url, role: 'worker', name: 'ending' }),
    closeRedis,
  );
  const worker = createWorker({ queue, connection: redis, prefix, concurrency, process: work });
  app.start('worker', runWorker(worker, redis));
  process.exit(await app.run());
}

function plainly(): void {
  const worker = new Worker(queue, work, { connection: { port }, prefix, concurrency });
  worker.on('error', () => undefined);
  if (kind === 'patient') {
    process.once('SIGTERM', () => {
      process.stdout.write('stopping\n');
      void worker.close().then(() => process.exit(0));
    });
  }
  if (kind === 'swallowing') {
    process.on('unhandledRejection', () => process.stdout.write('never mind\n'));
  }
}

if (kind === 'app') await asApp();
else plainly();
