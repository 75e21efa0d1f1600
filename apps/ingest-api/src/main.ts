/** Answers Graph's notifications once what they tell of is in Redis. Public listener, no state of its own. */

import { randomUUID } from 'node:crypto';
import { type PollFolder, QUEUES, type RenewSubscriptions } from '@ms1/contracts';
import {
  atStart,
  closeRedis,
  connectRedis,
  createDurableAdd,
  createInboundProducer,
  createQueue,
  createRedisCheck,
  PayloadSealer,
} from '@ms1/queue';
import {
  App,
  closeServer,
  configOrExit,
  createLogger,
  serveHealth,
  systemClock,
} from '@ms1/runtime';
import {
  folderKey,
  Ledger,
  MailboxDirectory,
  ProcessStore,
  reportAlive,
  SessionStore,
  SubscriptionStore,
  WatchedDirectory,
} from '@ms1/store';

import { Config } from './config.ts';
import { createLifecycle } from './lifecycle/lifecycle-requests.ts';
import { subscriptionRecords } from './lifecycle/subscription-records.ts';
import { logAnswers } from './log-answers.ts';
import { createAcceptNotifications } from './notifications/accept-notifications.ts';
import { createJudgeSenders } from './notifications/judge-senders.ts';
import { rememberSessions } from './notifications/open-sessions.ts';
import { createJudgeTokens } from './rich/judge-tokens.ts';
import { createOpenNotifications } from './rich/open-notifications.ts';
import { forDecryption } from './rich/private-keys.ts';
import { createSigningKeys } from './rich/signing-keys.ts';
import { createAdmission } from './webhook/admission.ts';
import { clientAddress } from './webhook/client-address.ts';
import { createWebhook } from './webhook/create-webhook.ts';
import { watchEventLoopLag } from './webhook/event-loop-lag.ts';
import { serveWebhook } from './webhook/serve-webhook.ts';
import { createWebhookMetrics } from './webhook-metrics.ts';

// config
const config = configOrExit(Config, process.env);
const logger = createLogger('ingest-api', config.LOG_LEVEL);
const app = new App({ logger, shutdownTimeoutMs: config.SHUTDOWN_TIMEOUT_MS });

// connect
const redis = await app.acquire(
  'redis',
  () =>
    connectRedis({
      url: config.REDIS_URL,
      role: 'producer',
      name: 'ingest-api',
      onError: (err, count) => logger.warn({ err, count }, 'redis connection failed'),
    }),
  closeRedis,
);

// wire
const prefix = config.KEY_PREFIX;
const onError = (err: Error): void => logger.warn({ err }, 'queue error');
const inbound = createQueue(QUEUES.inbound, { connection: redis, prefix, onError });
const polling = createQueue<PollFolder | RenewSubscriptions>(QUEUES.polling, {
  connection: redis,
  prefix,
  onError,
});
const subscriptions = new SubscriptionStore(redis, { prefix });
const mailboxes = new WatchedDirectory({
  directory: new MailboxDirectory(redis, { prefix }),
  onError: (err) => logger.warn({ err }, 'mailbox directory not read'),
  onReset: () => logger.error('store was reset'),
});
await app.acquire('mailboxes', () => atStart(() => mailboxes.refresh()));
const producer = createInboundProducer({
  queue: inbound,
  ledger: new Ledger(redis, { prefix }),
  payloads: new PayloadSealer({ keys: config.PAYLOAD_KEY }),
});
const judge = createJudgeSenders(subscriptions);
const measure = createWebhookMetrics();
const { NOTIFICATION_PRIVATE_KEYS, GRAPH_CLIENT_ID } = config;
const authority = new URL(config.NOTIFICATION_TOKEN_AUTHORITY_URL).origin;
const open =
  NOTIFICATION_PRIVATE_KEYS && GRAPH_CLIENT_ID
    ? createOpenNotifications({
        judge,
        judgeTokens: createJudgeTokens({
          keys: createSigningKeys({ authority, clock: systemClock }),
          appId: GRAPH_CLIENT_ID,
          authority,
          clock: systemClock,
        }),
        keys: await app.acquire('notification keys', () =>
          forDecryption(NOTIFICATION_PRIVATE_KEYS),
        ),
        onOpened: (outcome) => measure.opened(outcome),
      })
    : undefined;
const accept = createAcceptNotifications({
  judge,
  open,
  // One that the directory has never heard of is newer than the last look at it: the subscription is ours.
  isWanted: (mailboxId) => (mailboxes.current.get(mailboxId)?.state ?? 'active') === 'active',
  sessions: rememberSessions(new SessionStore(redis, { prefix }), systemClock),
  notice: (messages) => producer.notice(messages),
  lifecycle: createLifecycle({
    ask: createDurableAdd(polling),
    records: subscriptionRecords(subscriptions, systemClock),
    folderKey,
    newId: randomUUID,
  }),
  clock: systemClock,
});
const log = logAnswers(logger, systemClock);
const webhook = createWebhook({
  accept,
  admission: createAdmission({
    perSecond: config.INGEST_API_POSTS_PER_SECOND_MAX,
    now: () => performance.now(),
  }),
  addressOf: (req) => clientAddress(req, config.INGEST_API_TRUSTED_PROXIES),
  lagMs: watchEventLoopLag(),
  onAnswered: (answered) => {
    measure.answered(answered);
    log(answered);
  },
});

// run
app.start(
  'alive',
  reportAlive({
    processes: new ProcessStore(redis, { prefix }),
    app: 'ingest-api',
    unready: () => app.unready(),
  }),
);
app.check('redis', createRedisCheck(redis, { prefix }));
app.start('mailbox directory', mailboxes.watch);
const { port } = await app.acquire(
  'webhook',
  () =>
    serveWebhook(webhook, {
      host: config.INGEST_API_HOST,
      port: config.INGEST_API_PORT,
      trustedProxies: config.INGEST_API_TRUSTED_PROXIES,
    }),
  ({ server }) => closeServer(server),
);
await app.acquire(
  'health',
  () => serveHealth(app, { host: config.HEALTH_HOST, port: config.HEALTH_PORT }),
  (server) => server.close(),
);
logger.info({ port }, 'ingest-api started');

// shutdown
process.exit(await app.run());
