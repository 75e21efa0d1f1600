import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { QUEUES, type QueueName } from '@ms1/contracts';
import { SessionStore } from '@ms1/ledger';
import { SubscriptionStore } from '@ms1/mailboxes';
import { createQueue, PayloadSealer } from '@ms1/queue';
import { connectRedis } from '@ms1/redis';
import { closeServer, Progress } from '@ms1/runtime';
import { type StartRedisOptions, startRedis } from '@ms1/testkit';

import type { Answered } from '../src/webhook/create-webhook.ts';
import { serveWebhook } from '../src/webhook/serve-webhook.ts';
import { wireWebhook } from '../src/wire-webhook.ts';

export const SUBSCRIPTION = {
  subscriptionId: '0fc0d6db-0073-42e5-a186-853da75fb308',
  tenantId: '11111111-1111-4111-8111-111111111111',
  mailboxId: '22222222-2222-4222-8222-222222222222',
  folderId: 'inbox',
  clientState: 'a-secret-of-this-subscription',
  expiresAt: '2099-01-01T00:00:00.000Z',
  notificationUrl: 'https://example.com/webhooks/graph',
};

/** One notification of a created message, with the secret of {@link SUBSCRIPTION}. */
export const item = (messageId: string, fields: object = {}) => ({
  subscriptionId: SUBSCRIPTION.subscriptionId,
  clientState: SUBSCRIPTION.clientState,
  changeType: 'created',
  resource: 'Users/other/Messages/other',
  resourceData: { '@odata.type': '#Microsoft.Graph.Message', id: messageId },
  tenantId: '99999999-9999-4999-8999-999999999999',
  ...fields,
});

export const event = (lifecycleEvent: string) =>
  item('x', { lifecycleEvent, changeType: undefined, resourceData: undefined });

export interface WebhookBundleOptions {
  redis?: StartRedisOptions;
  perSecond?: number;
  isWanted?: (mailboxId: string) => boolean;
  /** whose request it is; a test says so by a header, because all of its requests come from one machine */
  addressOf?: (req: IncomingMessage) => string | null;
  lagMs?: () => number;
}

/** The webhook as main.ts wires it, on a real port and a private Redis, in this process. */
export async function startWebhook(options: WebhookBundleOptions = {}) {
  await using stack = new AsyncDisposableStack();
  const server = stack.use(await startRedis(options.redis));
  const redis = await connectRedis({ url: server.url, role: 'producer', name: 'test' });
  stack.defer(() => redis.disconnect());
  const prefix = '{ms1}';
  const queue = <T = unknown>(name: QueueName) =>
    createQueue<T>(name, { connection: redis, prefix });
  const inbound = queue(QUEUES.inbound);
  const polling = queue(QUEUES.polling);
  const subscriptions = new SubscriptionStore(redis, { prefix });
  const sessions = new SessionStore(redis, { prefix });
  await subscriptions.put(SUBSCRIPTION);
  const answered: Answered[] = [];
  const clock = { at: 0, now: () => clock.at };
  const progress = new Progress({ done: 'taken', look: async () => ({ waiting: 0 }), clock });
  const webhook = wireWebhook(
    { redis, prefix, shards: 1, payloads: new PayloadSealer(), queue },
    {
      isWanted: options.isWanted ?? (() => true),
      perSecond: options.perSecond ?? 100_000,
      progress,
      addressOf: options.addressOf ?? (() => null),
      lagMs: options.lagMs ?? (() => 0),
      onAnswered: (answer) => answered.push(answer),
    },
  );
  const http = await serveWebhook(webhook, { host: '127.0.0.1', port: 0 });
  stack.defer(() => {
    http.server.closeAllConnections();
    return closeServer(http.server);
  });
  const url = `http://127.0.0.1:${http.port}/webhooks/graph`;
  const post = (body: unknown, headers: Record<string, string> = {}) =>
    fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  /** ids of the messages that wait on `inbound` */
  const waiting = async (): Promise<string[]> =>
    (await inbound.getWaiting())
      .map(({ data }) => (data as { messageId: string }).messageId)
      .toSorted();
  /** the counts of all answers so far */
  const totals = () => {
    const sum = {
      noticed: 0,
      lifecycle: 0,
      unknown: 0,
      forged: 0,
      ignored: 0,
      paused: 0,
      unreadable: 0,
    };
    for (const { accepted } of answered) {
      for (const name of Object.keys(sum) as (keyof typeof sum)[]) {
        sum[name] += accepted?.[name] ?? 0;
      }
    }
    return sum;
  };
  const opened = stack.move();
  return {
    port: http.port,
    url,
    server,
    redis,
    inbound,
    polling,
    subscriptions,
    sessions,
    answered,
    post,
    /** why it is not ready so many seconds later; null: it is */
    async unreadyAfter(seconds: number): Promise<string | null> {
      clock.at += seconds * 1_000;
      return progress.assert().then(
        () => null,
        (error: Error) => error.message,
      );
    },
    waiting,
    totals,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** Sends bytes as they are and answers with what came back until the connection was closed. */
export function raw(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect({ port, host: '127.0.0.1' }, () => socket.write(bytes));
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      text += chunk;
    });
    socket.on('close', () => resolve(text));
    socket.on('error', reject);
  });
}
