import {
  type DeliverRecord,
  type IngestMessage,
  type MessageRules,
  messageKey,
  QUEUES,
} from '@ms1/contracts';
import { Ledger, SessionStore } from '@ms1/ledger';
import { MailboxDirectory } from '@ms1/mailboxes';
import { createQueue, InboundProducer, PayloadSealer } from '@ms1/queue';
import { storeKey } from '@ms1/redis';
import { aMailbox, aMessage, simulatedFleet } from '@ms1/testkit';

const prefix = '{ms1}';

export interface Usage {
  mailboxId: string;
  inFlightMax: number;
  refused: { inFlight: number; requests: number };
  units: { message?: number; attachments?: number; page?: number; delta?: number };
  quotaUnits: number;
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
  await using stack = new AsyncDisposableStack();
  const fleet = stack.use(await simulatedFleet({ SIMULATOR_MAILBOXES: '4', ...simulatorEnv }));
  const { redis: connection, tenantId, mailboxes, graphEnv, control, start } = fleet;
  const inbound = createQueue(QUEUES.inbound, { connection, prefix });
  const outbound = createQueue<DeliverRecord>(QUEUES.outbound, { connection, prefix });
  const ledger = new Ledger(connection, { prefix });
  const producer = new InboundProducer({ queues: [inbound], ledger, payloads });
  const directory = new MailboxDirectory(connection, { prefix });
  await directory.seed(mailboxes.map((mailboxId) => aMailbox({ tenantId, mailboxId })));

  const opened = stack.move();
  return {
    ...fleet,
    inbound,
    outbound,
    ledger,
    directory,
    sessions: new SessionStore(connection, { prefix }),
    /** Graph did not find, or refused, messages for the first time then */
    async refusedSince(keys: string[], at: number, kind: 'gone' | 'refused'): Promise<void> {
      for (const key of keys) await connection.set(storeKey(prefix, 'refused', kind, key), at);
    },
    async setRules(mailboxId: string, rules: MessageRules): Promise<void> {
      await directory.put(aMailbox({ tenantId, mailboxId, rules }));
    },
    /** what the simulator counted, by mailbox */
    async usage(): Promise<Map<string, Usage>> {
      const { mailboxes: all } = await control<{ mailboxes: Usage[] }>('usage');
      return new Map(all.map((one) => [one.mailboxId, one]));
    },
    /** notices messages as a notification does; answers with their keys */
    async notice(
      refs: { mailboxId: string; messageId: string }[],
      more: Partial<IngestMessage> = {},
    ): Promise<string[]> {
      const noticedAt = new Date().toISOString();
      const messages = refs.map((ref, n) => aMessage(n, { tenantId, noticedAt, ...ref, ...more }));
      await producer.notice(messages);
      return messages.map(messageKey);
    },
    startProcessor: (env: Record<string, string> = {}) =>
      start('processor', { ...graphEnv, ...env }, 'healthz'),
    startPoller: (env: Record<string, string> = {}) =>
      start(
        'poller',
        {
          ...graphEnv,
          MAILBOXES: mailboxes.join(','),
          INGEST_SINCE: '2020-01-01T00:00:00Z',
          POLLER_INTERVAL_MS: '1000',
          ...env,
        },
        'healthz',
      ),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
