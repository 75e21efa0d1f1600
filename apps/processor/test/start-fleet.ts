import { join } from 'node:path';

import {
  type DeliverRecord,
  type IngestMessage,
  type MessageRules,
  messageKey,
  QUEUES,
} from '@ms1/contracts';
import { RefusalStore } from '@ms1/coordination';
import { Ledger, SessionStore } from '@ms1/ledger';
import { MailboxDirectory } from '@ms1/mailboxes';
import { createQueue, InboundProducer, PayloadSealer } from '@ms1/queue';
import { closeRedis, connectRedis } from '@ms1/redis';
import { aMailbox, aMessage, freePort, type SpawnedApp, spawnApp, startRedis } from '@ms1/testkit';

const PROCESSOR = join(import.meta.dirname, '../src/main.ts');
const POLLER = join(import.meta.dirname, '../../poller/src/main.ts');
const SIMULATOR = join(import.meta.dirname, '../../simulator/src/main.ts');
const TOKEN = 'a-token-of-the-test';
const prefix = '{ms1}';

export interface Usage {
  mailboxId: string;
  inFlightMax: number;
  refused: { inFlight: number; requests: number };
  units: { message?: number; attachments?: number; page?: number; delta?: number };
  quotaUnits: number;
}

interface Status {
  tenantId: string;
  mailboxes: { id: string }[];
  graph: { httpRequests: number; inFlightMax: number; throttled: number };
}

/**
 * A Redis, a simulator, and as many processors as are started, all as processes.
 *
 * @param payloads seals what is noticed
 */
export async function startFleet(
  simulatorEnv: Record<string, string> = {},
  payloads = new PayloadSealer(),
) {
  const stack = new AsyncDisposableStack();
  try {
    const redis = stack.use(await startRedis());
    const port = await freePort();
    const simulator = stack.use(
      spawnApp({
        entry: SIMULATOR,
        env: {
          SIMULATOR_PORT: String(port),
          SIMULATOR_TOKEN: TOKEN,
          SIMULATOR_MAILBOXES: '4',
          SIMULATOR_GRAPH_LATENCY_MS: '5',
          LOG_LEVEL: 'warn',
          ...simulatorEnv,
        },
      }),
    );
    const base = `http://127.0.0.1:${port}`;
    await simulator.ready(`${base}/readyz`);
    const connection = await connectRedis({ url: redis.url, role: 'worker', name: 'test' });
    stack.defer(() => closeRedis(connection));
    const inbound = createQueue(QUEUES.inbound, { connection, prefix });
    stack.defer(() => inbound.close());
    const outbound = createQueue<DeliverRecord>(QUEUES.outbound, { connection, prefix });
    stack.defer(() => outbound.close());
    const ledger = new Ledger(connection, { prefix });
    const producer = new InboundProducer({ queue: inbound, ledger, payloads });

    const call = async (method: string, path: string, body?: object): Promise<unknown> => {
      const response = await fetch(`${base}${path}`, {
        method,
        headers: { authorization: `Bearer ${TOKEN}` },
        ...(body && { body: JSON.stringify(body) }),
      });
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status}`);
      return response.status === 204 ? null : response.json();
    };
    const status = async () => (await call('GET', '/control/status')) as Status;
    const { tenantId, mailboxes } = await status();
    const directory = new MailboxDirectory(connection, { prefix });
    await directory.seed(mailboxes.map(({ id }) => aMailbox({ tenantId, mailboxId: id })));

    const start = async (
      entry: string,
      env: Record<string, string>,
    ): Promise<SpawnedApp & { health: string }> => {
      const healthPort = await freePort();
      const spawned = stack.use(
        spawnApp({
          entry,
          env: {
            REDIS_URL: redis.url,
            HEALTH_PORT: String(healthPort),
            GRAPH_BASE_URL: `${base}/v1.0`,
            GRAPH_TENANT_ID: tenantId,
            GRAPH_STATIC_TOKEN: TOKEN,
            ...env,
          },
        }),
      );
      const health = `http://127.0.0.1:${healthPort}`;
      await spawned.ready(`${health}/healthz`);
      return Object.assign(spawned, { health });
    };

    return {
      redisUrl: redis.url,
      inbound,
      outbound,
      ledger,
      directory,
      tenantId,
      baseUrl: `${base}/v1.0`,
      token: TOKEN,
      mailboxes: mailboxes.map(({ id }) => id),
      status,
      sessions: new SessionStore(connection, { prefix }),
      /** Graph did not find, or refused, messages for the first time then */
      async refusedSince(keys: string[], at: number, kind: 'gone' | 'refused'): Promise<void> {
        const refusals = new RefusalStore(connection, { prefix, clock: { now: () => at } });
        await refusals.note(keys.map((key) => ({ key, kind })));
      },
      async setRules(mailboxId: string, rules: MessageRules): Promise<void> {
        await directory.put(aMailbox({ tenantId, mailboxId, rules }));
      },
      /** what the simulator counted, by mailbox */
      async usage(): Promise<Map<string, Usage>> {
        const { mailboxes: all } = (await call('GET', '/control/usage')) as { mailboxes: Usage[] };
        return new Map(all.map((one) => [one.mailboxId, one]));
      },
      fault: (name: string, settings: object = {}) =>
        call('POST', '/control/faults', { name, ...settings }),
      clearFaults: () => call('DELETE', '/control/faults'),
      /** one message in a mailbox's inbox; answers with its immutable id */
      async inject(mailboxId: string, properties: object = {}): Promise<string> {
        const operation = { op: 'inject', announced: false, properties };
        const path = `/control/mailboxes/${mailboxId}/messages`;
        return ((await call('POST', path, operation)) as { messageId: string }).messageId;
      },
      remove: (mailboxId: string, messageId: string) =>
        call('POST', `/control/mailboxes/${mailboxId}/messages`, { op: 'delete', messageId }),
      /** notices messages as a notification does; answers with their keys */
      async notice(
        refs: { mailboxId: string; messageId: string }[],
        more: Partial<IngestMessage> = {},
      ): Promise<string[]> {
        const noticedAt = new Date().toISOString();
        const messages = refs.map((ref, n) =>
          aMessage(n, { tenantId, noticedAt, ...ref, ...more }),
        );
        await producer.notice(messages);
        return messages.map(messageKey);
      },
      startProcessor: (env: Record<string, string> = {}) => start(PROCESSOR, env),
      startPoller: (env: Record<string, string> = {}) =>
        start(POLLER, {
          MAILBOXES: mailboxes.map(({ id }) => id).join(','),
          INGEST_SINCE: '2020-01-01T00:00:00Z',
          POLLER_INTERVAL_MS: '1000',
          ...env,
        }),
      async [Symbol.asyncDispose]() {
        await stack.disposeAsync();
      },
    };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}
