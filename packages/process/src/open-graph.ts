import { QUEUES } from '@ms1/contracts';
import { GraphPermits, noteReadSingly, RefusalStore } from '@ms1/coordination';
import {
  createGraphMetrics,
  credentialEnds,
  type GovernorConfig,
  GraphClients,
  type GraphClientsOptions,
  type GraphConfig,
  graphTenants,
  MailboxGovernor,
  type MailboxGovernorOptions,
  permitOptionsOf,
} from '@ms1/graph-client';
import type { WatchedDirectory } from '@ms1/mailboxes';
import { createParkedWaker, shardQueues } from '@ms1/queue';
import { systemClock } from '@ms1/runtime';

import type { FleetProcess } from './open-process.ts';

export interface GraphOptions
  extends Pick<MailboxGovernorOptions, 'holdWaitMsMax'>,
    Pick<GraphClientsOptions, 'encryption'> {
  config: GraphConfig & GovernorConfig;
  mailboxes: Pick<WatchedDirectory, 'current'>;
  /** whether the process is not ready while a credential is refused; default true */
  isNeeded?: boolean;
}

/**
 * Opens Graph for every tenant and the mailboxes of the directory, with the permits of the fleet. Jobs parked for a
 * mailbox run again as soon as it answers well.
 */
export function openGraph(
  { app, logger, redis, prefix, shards, queue, endsAt }: FleetProcess,
  { config, mailboxes, encryption, isNeeded = true, ...governed }: GraphOptions,
): Promise<GraphClients> {
  const metrics = createGraphMetrics();
  for (const at of credentialEnds(config)) endsAt('graph', at);
  return app.acquire(
    'graph connections',
    () => {
      const graph = new GraphClients({
        tenants: graphTenants(config),
        tenantOf: (mailboxId) => mailboxes.current.tenantOf(mailboxId),
        clock: systemClock,
        governor: new MailboxGovernor({
          permits: new GraphPermits(redis, { prefix, shards, ...permitOptionsOf(config) }),
          clock: systemClock,
          ...governed,
          onUsed: metrics.used,
          onServed: createParkedWaker({
            queues: shardQueues(queue, QUEUES.inbound, shards),
            parked: new RefusalStore(redis, { prefix, shards }),
            onError: (err) => logger.warn({ err }, 'parked messages not woken'),
          }),
        }),
        timeoutMs: config.GRAPH_TIMEOUT_MS,
        onRequests: metrics.requests,
        onExpandRefusal: ({ mailboxId, reason, ms }) => {
          metrics.expandRefused(reason);
          noteReadSingly(redis, { mailboxId, reason, ms }, { prefix, shards }).catch(
            (err: unknown) => logger.warn({ err }, 'how a mailbox is read was not noted'),
          );
          logger.warn({ mailboxId, reason }, 'attachments are asked for message by message');
        },
        encryption,
        trusted: config.TRUSTED_NETWORK,
      });
      if (isNeeded) app.check('graph credentials', () => graph.assertAccepted());
      return graph;
    },
    (clients) => clients.close(),
  );
}
