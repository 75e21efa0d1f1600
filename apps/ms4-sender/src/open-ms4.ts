import { RequestGate } from '@ms1/coordination';
import { createHttpClient } from '@ms1/http-client';
import {
  createMs4Client,
  isMs4Timeout,
  isMs4Transient,
  ms4AuthOf,
  ms4TlsOf,
} from '@ms1/ms4-client';
import type { FleetProcess } from '@ms1/process';
import { createRetry } from '@ms1/resilience';

import type { Config } from './config.ts';
import type { DeliverCollaborators } from './deliver-batch.ts';
import { createGuard } from './guard-requests.ts';
import type { SenderMetrics } from './sender-metrics.ts';

/** MS4 as one sender sees it: within what all senders together may ask of it, behind one breaker. */
export type Ms4 = Pick<DeliverCollaborators, 'ms4' | 'evidence'>;

/** Opens the connections to MS4. */
export async function openMs4(
  { app, logger, redis, prefix }: Pick<FleetProcess, 'app' | 'logger' | 'redis' | 'prefix'>,
  config: Config,
  metrics: Pick<SenderMetrics, 'timed'>,
): Promise<Ms4> {
  const { origin, pathname } = new URL(config.MS4_BASE_URL);
  const http = await app.acquire(
    'ms4 connections',
    () =>
      createHttpClient({
        name: 'ms4',
        origin,
        connections: config.MS4_SENDER_CONCURRENCY,
        timeoutMs: config.MS4_TIMEOUT_MS,
        // 1,000 verdicts of 150 bytes with room for messages
        responseBytesMax: 1_000_000,
        tls: ms4TlsOf(config),
        tellsTrace: true,
        lookup: config.TRUSTED_NETWORK?.lookup,
      }),
    (client) => client.close(),
  );
  const gate = new RequestGate(redis, {
    prefix,
    service: 'ms4',
    perSecond: config.MS4_REQUESTS_PER_SECOND_MAX,
    perMinute: config.MS4_REQUESTS_PER_MINUTE_MAX,
    probeMs: config.MS4_TIMEOUT_MS + 5_000,
  });
  const { guard, openForMs } = createGuard({
    gate,
    breaker: {
      // A batch with two poison records fails at most 5 times in a row (3 attempts of the whole, both halves)
      // before a part is answered, so 10 tells MS4 being down from a few bad records.
      threshold: 10,
      openMs: config.MS4_BREAKER_OPEN_MS,
      openMsMax: config.MS4_BREAKER_OPEN_MS_MAX,
    },
    onBreaker: (decided) => logger.warn({ decided }, 'ms4 breaker'),
    onError: (err) => logger.warn({ err }, 'ms4 gate'),
  });
  const client = createMs4Client({
    http,
    retry: createRetry({
      attempts: 3,
      backoff: { initialMs: 200, maxMs: 2_000 },
      isWorthRetrying: (error) => isMs4Transient(error) && !isMs4Timeout(error),
    }),
    auth: ms4AuthOf(config),
    guard: (request, signal, as) => guard(() => metrics.timed(request), signal, as),
    batchPath: `${pathname.replace(/\/$/, '')}${config.MS4_BATCH_PATH}`,
  });
  return {
    ms4: {
      storeBatch: (batch, signal, options) => client.storeBatch(batch, signal, options),
      acceptsCredentials: (id, signal) => client.acceptsCredentials(id, signal),
      openForMs,
    },
    evidence: () => gate.evidence(),
  };
}
