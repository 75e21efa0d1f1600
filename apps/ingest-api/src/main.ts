/** Answers Graph's notifications once their messages are in Redis. Public listener, no state of its own. */

import { openDirectory, openProcess } from '@ms1/process';
import { closeServer, configOrExit, Progress, systemClock } from '@ms1/runtime';

import { Config } from './config.ts';
import { logAnswers } from './log-answers.ts';
import { openWith } from './rich/open-with.ts';
import { clientAddress } from './webhook/client-address.ts';
import { watchEventLoopLag } from './webhook/event-loop-lag.ts';
import { serveWebhook } from './webhook/serve-webhook.ts';
import { createWebhookMetrics } from './webhook-metrics.ts';
import { wireWebhook } from './wire-webhook.ts';

// config
const config = configOrExit(Config, process.env);
const { NOTIFICATION_PRIVATE_KEYS: privateKeys, GRAPH_CLIENT_ID: appId } = config;
const trustedProxies = config.INGEST_API_TRUSTED_PROXIES;

// connect
const fleet = await openProcess({ name: 'ingest-api', config, redis: 'producer' });
const { app, logger } = fleet;
const { mailboxes } = await openDirectory(fleet);
const measure = createWebhookMetrics();
const open = await app.acquire('notification keys', () =>
  privateKeys && appId
    ? openWith({
        privateKeys,
        appId,
        authority: config.NOTIFICATION_TOKEN_AUTHORITY_URL,
        onOpened: (outcome) => measure.opened(outcome),
      })
    : undefined,
);

// wire
const log = logAnswers(logger, systemClock);
// Nothing waits here: whoever is not answered sends again. Less than the 25 s after which it is not ready, because one
// POST that failed, and silence, prove nothing.
const progress = new Progress({
  done: 'taken',
  look: async () => ({ waiting: 0 }),
  believedMs: 20_000,
});
app.check('progress', () => progress.assert());
const webhook = wireWebhook(fleet, {
  progress,
  // One that the directory has never heard of is newer than the last look at it: the subscription is ours.
  isWanted: (mailboxId) => (mailboxes.current.get(mailboxId)?.state ?? 'active') === 'active',
  ...(open && { openWith: open }),
  perSecond: config.INGEST_API_POSTS_PER_SECOND_MAX,
  addressOf: (req) => clientAddress(req, trustedProxies),
  lagMs: watchEventLoopLag(),
  onAnswered: (answered) => {
    measure.answered(answered);
    log(answered);
  },
});

// run
app.start('mailboxes', mailboxes.watch);
const { port } = await app.acquire(
  'webhook',
  () =>
    serveWebhook(webhook, {
      host: config.INGEST_API_HOST,
      port: config.INGEST_API_PORT,
      trustedProxies,
    }),
  ({ server }) => closeServer(server),
);
logger.info({ port }, 'ingest-api started');

// shutdown
process.exit(await fleet.run());
