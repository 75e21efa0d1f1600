import { fileURLToPath } from 'node:url';
import { messageKey, QUEUES } from '@ms1/contracts';
import { Ledger } from '@ms1/ledger';
import { MailboxDirectory } from '@ms1/mailboxes';
import { InboundProducer, createQueue } from '@ms1/queue';
import { closeRedis, connectRedis } from '@ms1/redis';
import { aMailbox, aMessage, freePort, spawnApp, startRedis, until } from '@ms1/testkit';

const TOKEN = 'a-token-of-the-bench';
const prefix = '{ms1}';
const entryOf = (app: string): string =>
  fileURLToPath(new URL(`../../apps/${app}/src/main.ts`, import.meta.url));

interface Usage {
  mailboxId: string;
  quotaUnits: number;
  units: Record<string, number>;
}

export type QuotaFleet = Awaited<ReturnType<typeof startQuotaFleet>>;

/** A Redis, a simulator that counts, a processor, and a poller once it is asked for: as processes, with their defaults. */
export async function startQuotaFleet(mailboxCount: number) {
  const stack = new AsyncDisposableStack();
  const redis = stack.use(await startRedis());
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  const simulator = stack.use(
    spawnApp({
      entry: entryOf('simulator'),
      env: {
        SIMULATOR_PORT: String(port),
        SIMULATOR_TOKEN: TOKEN,
        SIMULATOR_MAILBOXES: String(mailboxCount),
        LOG_LEVEL: 'warn',
      },
    }),
  );
  await simulator.ready(`${base}/readyz`);
  const connection = await connectRedis({ url: redis.url, role: 'worker', name: 'bench' });
  stack.defer(() => closeRedis(connection));
  const inbound = createQueue(QUEUES.inbound, { connection, prefix });
  stack.defer(() => inbound.close());
  const ledger = new Ledger(connection, { prefix });
  const producer = new InboundProducer({ queue: inbound, ledger });

  const control = async (method: string, path: string, body?: object): Promise<unknown> => {
    const response = await fetch(`${base}/control/${path}`, {
      method,
      headers: { authorization: `Bearer ${TOKEN}` },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status}`);
    return response.status === 204 ? null : response.json();
  };
  const { tenantId, mailboxes } = (await control('GET', 'status')) as {
    tenantId: string;
    mailboxes: { id: string }[];
  };
  const ids = mailboxes.map(({ id }) => id);
  await new MailboxDirectory(connection, { prefix }).seed(
    ids.map((mailboxId) => aMailbox({ tenantId, mailboxId })),
  );
  const start = async (app: string, env: Record<string, string> = {}): Promise<void> => {
    const healthPort = await freePort();
    const spawned = stack.use(
      spawnApp({
        entry: entryOf(app),
        env: {
          REDIS_URL: redis.url,
          HEALTH_PORT: String(healthPort),
          GRAPH_BASE_URL: `${base}/v1.0`,
          GRAPH_TENANT_ID: tenantId,
          GRAPH_STATIC_TOKEN: TOKEN,
          LOG_LEVEL: 'warn',
          ...env,
        },
      }),
    );
    await spawned.ready(`http://127.0.0.1:${healthPort}/healthz`);
  };
  await start('processor');

  return {
    mailboxes: ids,
    startPoller: () =>
      start('poller', { MAILBOXES: ids.join(','), INGEST_SINCE: '2000-01-01T00:00:00Z' }),
    /** One message with one attachment, or with none; answers with its key. */
    async inject(mailboxId: string, withAttachment: boolean): Promise<string> {
      const attachments = withAttachment ? [{ name: 'invoice.pdf' }] : [];
      const operation = { op: 'inject', announced: false, properties: { attachments } };
      const answer = await control('POST', `mailboxes/${mailboxId}/messages`, operation);
      return (answer as { messageId: string }).messageId;
    },
    /** Announces messages, as notifications do. */
    announce: (mailboxId: string, messageIds: readonly string[]) =>
      producer.notice(
        messageIds.map((messageId, n) =>
          aMessage(n, { tenantId, mailboxId, messageId, noticedAt: new Date().toISOString() }),
        ),
      ),
    async prepared(mailboxId: string, messageIds: readonly string[]): Promise<void> {
      const keys = messageIds.map((messageId) => messageKey({ tenantId, mailboxId, messageId }));
      const done = async (): Promise<boolean> =>
        (await ledger.known(keys)).every((entry) => entry?.state === 'prepared');
      await until(done, { what: 'all prepared', timeoutMs: 120_000 });
    },
    async usage(): Promise<Map<string, Usage>> {
      const { mailboxes: all } = (await control('GET', 'usage')) as { mailboxes: Usage[] };
      return new Map(all.map((one) => [one.mailboxId, one]));
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
