import { LeaseStore } from '@ms1/coordination';
import { createHttpClient } from '@ms1/http-client';
import type { WatchedDirectory } from '@ms1/mailboxes';
import type { FleetProcess } from '@ms1/process';
import { createOutboundPolicy } from '@ms1/resilience';
import { systemClock, type Task } from '@ms1/runtime';

import type { Config } from '../config.ts';
import type { Sampler } from '../live/sampler.ts';
import { turns } from '../wiring/turns.ts';
import { AlertStore } from './alert-store.ts';
import { AlertRefusedError, createAlertWebhook } from './alert-webhook.ts';
import { type DailySummary, type SummaryOptions, tellSummary } from './daily-summary.ts';
import { tellConcerns } from './tell-concerns.ts';

/** ms between two looks: a tenth of what a concern must last. */
const INTERVAL_MS = 5_000;
/** ms; longer than a turn in which the receiver hangs three times */
const LEASE_MS = 60_000;
const TIMEOUT_MS = 10_000;

/** What a console sees that they are told of. */
interface Seen {
  sampler: Pick<Sampler, 'overview'>;
  stores: Pick<SummaryOptions, 'tallies'>;
}

/** Tells people by ALERT_WEBHOOK_URL what the console shows as concerns: one console of all, whichever has the lease. */
export async function watchAlerts(
  { app, logger, redis, prefix }: Pick<FleetProcess, 'app' | 'logger' | 'redis' | 'prefix'>,
  config: Config & { ALERT_WEBHOOK_URL: string },
  { sampler, stores }: Seen,
  directory: Pick<WatchedDirectory, 'current'>,
): Promise<Task> {
  const url = new URL(config.ALERT_WEBHOOK_URL);
  const http = await app.acquire(
    'alert webhook',
    () =>
      createHttpClient({
        name: 'alert webhook',
        origin: url.origin,
        connections: 1,
        timeoutMs: TIMEOUT_MS,
        responseBytesMax: 100_000,
        lookup: config.TRUSTED_NETWORK?.lookup,
      }),
    (client) => client.close(),
  );
  // What refuses a message refuses it again; whatever it was, it is told again at the next turn.
  const isTransient = (error: unknown): boolean =>
    !(error instanceof AlertRefusedError) || error.isUnwell;
  const post = createAlertWebhook({
    http,
    policy: createOutboundPolicy({
      attempts: 3,
      backoff: { initialMs: 500, maxMs: 5_000 },
      breaker: { threshold: 6, openMs: 30_000, openMsMax: 300_000 },
      isTransient,
    }),
    url,
    format: config.ALERT_WEBHOOK_FORMAT,
    secret: config.ALERT_WEBHOOK_SECRET,
    console: config.OPS_CONSOLE_PUBLIC_URL,
  });
  const alerts = new AlertStore(redis, { prefix });
  const leases = new LeaseStore(redis, { prefix });
  return turns(
    { intervalMs: INTERVAL_MS, onError: (err) => logger.warn({ err }, 'telling people failed') },
    async (_, signal) => {
      const lease = await leases.acquire('alerts', LEASE_MS);
      if (!lease) return;
      try {
        const { concerns } = await sampler.overview();
        const { failed, error } = await tellConcerns(concerns, {
          alerts,
          tell: (event) => post(event, signal),
          now: systemClock.now(),
        });
        if (failed > 0) logger.warn({ err: error, failed }, 'people could not be told');
        const hour = config.ALERT_SUMMARY_UTC_HOUR;
        if (hour === undefined) return;
        const tell = (summary: DailySummary): Promise<void> => post(summary, signal);
        await tellSummary({
          tallies: stores.tallies,
          mailboxes: () => directory.current.listed(),
          alerts,
          tell,
          hour,
          now: systemClock.now(),
        });
      } finally {
        await lease.release();
      }
    },
  );
}
