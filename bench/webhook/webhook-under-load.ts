import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { SubscriptionStore } from '@ms1/mailboxes';
import { freePort, openLoop, type Sent, spawnApp, startRedis } from '@ms1/testkit';
import { Redis } from 'ioredis';

import { readUsage, usageBetween } from '../redis-usage.ts';

const ENTRY = fileURLToPath(new URL('../../apps/ingest-api/src/main.ts', import.meta.url));
const BARE = fileURLToPath(new URL('./bare-server.ts', import.meta.url));
const MAILBOXES = 20;
/** /proc counts CPU in hundredths of a second on every Linux there is. */
const TICK_MS = 10;

export interface Load {
  readonly sent: readonly Sent[];
  /** all per POST */
  readonly redisCommands: number;
  readonly redisUs: number;
  readonly ingestUs: number;
}

/** One ingest-api as its own process and a private Redis, with a subscription for each of 20 mailboxes. */
export async function startWebhookUnderLoad() {
  const stack = new AsyncDisposableStack();
  const server = stack.use(await startRedis());
  const redis = new Redis(server.url);
  stack.defer(() => redis.disconnect());
  const subscriptions = Array.from({ length: MAILBOXES }, (_, index) => ({
    subscriptionId: `0fc0d6db-0073-42e5-a186-${String(index).padStart(12, '0')}`,
    tenantId: '11111111-1111-4111-8111-111111111111',
    mailboxId: `22222222-2222-4222-8222-${String(index).padStart(12, '0')}`,
    folderId: 'inbox',
    clientState: `secret-of-subscription-${index}`,
    expiresAt: '2099-01-01T00:00:00.000Z',
    notificationUrl: 'https://example.com/webhooks/graph',
  }));
  const store = new SubscriptionStore(redis);
  for (const subscription of subscriptions) await store.put(subscription);
  const [port, health, barePort] = [await freePort(), await freePort(), await freePort()];
  stack.use(spawnApp({ entry: BARE, args: [String(barePort)] }));
  const app = stack.use(
    spawnApp({
      entry: ENTRY,
      env: {
        REDIS_URL: server.url,
        INGEST_API_HOST: '127.0.0.1',
        INGEST_API_PORT: String(port),
        // What the process does by itself is measured, not what it refuses.
        INGEST_API_POSTS_PER_SECOND_MAX: '100000',
        HEALTH_PORT: String(health),
        LOG_LEVEL: 'fatal',
      },
    }),
  );
  await app.ready(`http://127.0.0.1:${health}/readyz`);
  const pid = app.child.pid ?? 0;
  let next = 0;

  const bodyOf = (): string => {
    next += 1;
    const { subscriptionId, clientState, tenantId, mailboxId } = subscriptions[
      next % MAILBOXES
    ] as (typeof subscriptions)[number];
    const id = `AAkALgAAAAAAHYQDEapmEc2byACqAC${'A'.repeat(110)}${String(next).padStart(12, '0')}`;
    const resource = `Users/${mailboxId}/Messages/${id}`;
    const resourceData = {
      '@odata.type': '#Microsoft.Graph.Message',
      '@odata.id': resource,
      '@odata.etag': 'W/"CQAAABYAAADkrWGo7bouTKlsgTZMr9KwAAAUWRHf"',
      id,
    };
    const subscriptionExpirationDateTime = '2099-01-01T00:00:00.0000000Z';
    return JSON.stringify({
      value: [
        {
          subscriptionId,
          subscriptionExpirationDateTime,
          clientState,
          changeType: 'created',
          resource,
          resourceData,
          tenantId,
        },
      ],
    });
  };

  return {
    server,
    redis,
    /** The same POSTs to a server that does nothing with them: ms until each was answered. */
    async bare(perSecond: number, seconds: number): Promise<readonly Sent[]> {
      const requests = Math.round(perSecond * seconds);
      const url = `http://127.0.0.1:${barePort}/webhooks/graph`;
      return openLoop({ url, perSecond, requests, bodyOf });
    },
    /** POSTs of one notification each, at a steady rate. Redis is emptied of jobs afterwards. */
    async load(perSecond: number, seconds: number): Promise<Load> {
      const requests = Math.round(perSecond * seconds);
      const [usage, cpu] = [await readUsage(redis), cpuMs(pid)];
      const url = `http://127.0.0.1:${port}/webhooks/graph`;
      const sent = await openLoop({ url, perSecond, requests, bodyOf });
      const used = usageBetween(usage, await readUsage(redis));
      const load = {
        sent,
        redisCommands: used.commands / requests,
        redisUs: used.cpuUs / requests,
        ingestUs: ((cpuMs(pid) - cpu) * 1_000) / requests,
      };
      await redis.flushall();
      for (const subscription of subscriptions) await store.put(subscription);
      return load;
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** CPU that a process has used, user and system. */
function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}
