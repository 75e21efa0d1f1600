import { messageKey, QUEUES } from '@ms1/contracts';
import { Ledger } from '@ms1/ledger';
import { MailboxDirectory } from '@ms1/mailboxes';
import { createQueue, InboundProducer } from '@ms1/queue';
import { aMailbox, aMessage, simulatedFleet, until } from '@ms1/testkit';

const prefix = '{ms1}';
interface Usage {
  mailboxId: string;
  quotaUnits: number;
  units: Record<string, number>;
}

export type QuotaFleet = Awaited<ReturnType<typeof startQuotaFleet>>;

/** A Redis, a simulator that counts, a processor, and a poller once it is asked for: as processes, with their defaults. */
export async function startQuotaFleet(mailboxCount: number) {
  await using stack = new AsyncDisposableStack();
  const fleet = stack.use(
    await simulatedFleet({
      SIMULATOR_MAILBOXES: String(mailboxCount),
      // Its defaults.
      SIMULATOR_GRAPH_LATENCY_MS: '20',
      SIMULATOR_GRAPH_MESSAGE_MS: '2',
    }),
  );
  const { redis: connection, tenantId, mailboxes: ids } = fleet;
  const inbound = createQueue(QUEUES.inbound, { connection, prefix });
  const ledger = new Ledger(connection, { prefix });
  const producer = new InboundProducer({ queues: [inbound], ledger });
  await new MailboxDirectory(connection, { prefix }).seed(
    ids.map((mailboxId) => aMailbox({ tenantId, mailboxId })),
  );
  const start = (app: string, env: Record<string, string> = {}) =>
    fleet.start(app, { ...fleet.graphEnv, LOG_LEVEL: 'warn', ...env }, 'healthz');
  await start('processor');
  const opened = stack.move();

  return {
    mailboxes: ids,
    startPoller: () =>
      start('poller', { MAILBOXES: ids.join(','), INGEST_SINCE: '2000-01-01T00:00:00Z' }),
    /** One message with one attachment, or with none; answers with its key. */
    inject: (mailboxId: string, withAttachment: boolean): Promise<string> =>
      fleet.inject(mailboxId, { attachments: withAttachment ? [{ name: 'invoice.pdf' }] : [] }),
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
      const { mailboxes: all } = await fleet.control<{ mailboxes: Usage[] }>('usage');
      return new Map(all.map((one) => [one.mailboxId, one]));
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
