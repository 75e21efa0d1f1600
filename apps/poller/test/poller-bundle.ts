import { QUEUES } from '@ms1/contracts';
import { MailboxDirectory } from '@ms1/mailboxes';
import { createQueue } from '@ms1/queue';
import { freePort, SIMULATOR_TOKEN, simulatedFleet } from '@ms1/testkit';

/** A private Redis, a simulator and its control API, and pollers as processes. */
export async function setup({ mailboxes = 2 }: { mailboxes?: number } = {}) {
  const webhookPort = await freePort();
  const fleet = await simulatedFleet({
    SIMULATOR_MAILBOXES: String(mailboxes),
    SIMULATOR_GRAPH_LATENCY_MS: '1',
  });
  const { redis: connection, base, start, graphEnv, ms4Env } = fleet;
  return {
    ...fleet,
    directory: new MailboxDirectory(connection),
    inbound: createQueue(QUEUES.inbound, { connection, prefix: '{ms1}' }),
    polling: createQueue(QUEUES.polling, { connection, prefix: '{ms1}' }),
    /** Graph itself, as the app that the pollers are. */
    graph: (path: string, init: RequestInit = {}): Promise<Response> =>
      fetch(`${base}/v1.0/${path}`, {
        ...init,
        headers: { authorization: `Bearer ${SIMULATOR_TOKEN}` },
      }),
    webhookUrl: `http://127.0.0.1:${webhookPort}/webhooks/graph`,
    startPoller: (env: Record<string, string> = {}) =>
      start('poller', {
        ...graphEnv,
        MAILBOXES: fleet.mailboxes.join(','),
        POLLER_INTERVAL_MS: '1000',
        POLLER_AUDIT_INTERVAL_MINUTES: '0',
        ...env,
      }),
    startIngestApi: (env: Record<string, string> = {}) =>
      start('ingest-api', {
        INGEST_API_HOST: '127.0.0.1',
        INGEST_API_PORT: String(webhookPort),
        ...env,
      }),
    startProcessor: () => start('processor', graphEnv),
    startSender: () => start('ms4-sender', ms4Env),
  };
}
