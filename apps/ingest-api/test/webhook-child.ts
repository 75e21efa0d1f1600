/** A webhook in a process of its own, for tests that kill it: `node webhook-child.ts '<ChildOptions as JSON>'`. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { JOBS, QUEUES } from '@ms1/contracts';
import { SubscriptionStore } from '@ms1/mailboxes';
import { createQueue, PayloadSealer } from '@ms1/queue';
import { closeRedis, connectRedis } from '@ms1/redis';
import { Progress, systemClock } from '@ms1/runtime';

import { createWebhook } from '../src/webhook/create-webhook.ts';
import { serveWebhook } from '../src/webhook/serve-webhook.ts';
import { wireWebhook } from '../src/wire-webhook.ts';
import { SUBSCRIPTION } from './webhook-bundle.ts';

export interface ChildOptions {
  url: string;
  prefix: string;
  /** ours: as main.ts wires it; hasty: answers, and then puts on the queue what it has answered for */
  kind: 'ours' | 'hasty';
}

const { url, prefix, kind } = JSON.parse(process.argv[2] ?? '{}') as ChildOptions;
const common = { addressOf: () => null, lagMs: () => 0, onAnswered: () => undefined };

async function ours() {
  const redis = await connectRedis({ url, role: 'producer', name: kind });
  await new SubscriptionStore(redis, { prefix }).put(SUBSCRIPTION);
  return wireWebhook(
    {
      redis,
      prefix,
      shards: 1,
      payloads: new PayloadSealer(),
      queue: (name) => createQueue(name, { connection: redis, prefix }),
    },
    {
      ...common,
      isWanted: () => true,
      perSecond: 1_000,
      progress: new Progress({
        done: 'taken',
        look: async () => ({ waiting: 0 }),
        clock: systemClock,
      }),
    },
  );
}

async function add(): Promise<void> {
  // Fails at once where there is no descriptor for it.
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  await once(socket, 'connect');
  socket.destroy();
  const redis = await connectRedis({ url, role: 'worker', name: kind, startTimeoutMs: 60_000 });
  const inbound = createQueue(QUEUES.inbound, { connection: redis, prefix });
  await inbound.add(JOBS.ingestMessage, {});
  await closeRedis(redis);
}

function hasty() {
  return createWebhook({
    ...common,
    admission: { admits: () => true, read: () => undefined, blame: () => undefined },
    accept: async () => {
      add().catch(() => process.stdout.write('lost\n'));
      const none = { lifecycle: 0, unknown: 0, forged: 0, ignored: 0, paused: 0, unreadable: 0 };
      return { ...none, noticed: 1 };
    },
  });
}

const handler = kind === 'ours' ? await ours() : hasty();
const { port } = await serveWebhook(handler, { host: '127.0.0.1', port: 0 });
process.stdout.write(`port ${port}\n`);
