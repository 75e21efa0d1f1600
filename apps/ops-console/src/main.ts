/** What operators see and command: the page and Bull Board behind a login, and the API of sessions, queues and status. */
import { createServer } from 'node:http';
import { QUEUES } from '@ms1/contracts';
import { mailboxSeed } from '@ms1/graph-client';
import {
  atStart,
  closeRedis,
  connectRedis,
  createJobLocator,
  createQueue,
  createRedisCheck,
  DeadLetters,
  PayloadSealer,
  readQueueDepths,
  readServerFacts,
} from '@ms1/queue';
import {
  App,
  closeServer,
  configOrExit,
  createLogger,
  listen,
  serveHealth,
  systemClock,
  VERSION,
} from '@ms1/runtime';
import {
  AuditStore,
  IdempotencyStore,
  LeaseStore,
  Ledger,
  LetterOperationStore,
  LoginStore,
  LoginTries,
  LookupIndex,
  MailboxDirectory,
  OperatorLog,
  ProcessStore,
  PushYieldStore,
  readGate,
  readHolds,
  reportAlive,
  SessionStore,
  SubscriptionStore,
  WatchedDirectory,
} from '@ms1/store';

import { actionRoutes } from './api/action-routes.ts';
import { auditRoutes } from './api/audit-routes.ts';
import { deadLetterRoutes } from './api/dead-letter-routes.ts';
import { findRoutes } from './api/find-routes.ts';
import { fleetRoutes } from './api/fleet-routes.ts';
import { Idempotency } from './api/idempotency.ts';
import { mailboxRoutes } from './api/mailbox-routes.ts';
import { meRoutes } from './api/me-routes.ts';
import { messageRoutes } from './api/message-routes.ts';
import { queueRoutes } from './api/queue-routes.ts';
import { sessionRoutes } from './api/session-routes.ts';
import { statusRoutes } from './api/status-routes.ts';
import { subscriptionRoutes } from './api/subscription-routes.ts';
import { tenantRoutes } from './api/tenant-routes.ts';
import { AuditService } from './audits/audit-service.ts';
import { accessOf } from './auth/access-config.ts';
import { LOGIN_LIFETIME_MS } from './auth/logins.ts';
import { Config } from './config.ts';
import { createConsole } from './create-console.ts';
import { runOperations } from './dead-letters/run-operations.ts';
import { CauseSummary } from './live/cause-summary.ts';
import { LiveFeed } from './live/live-feed.ts';
import { liveRoutes } from './live/live-routes.ts';
import { MailboxFreshness } from './live/mailbox-freshness.ts';
import { Sampler } from './live/sampler.ts';
import { sinceItsStage } from './live/waiting-since.ts';
import { createLoginMetrics } from './login-metrics.ts';
import { readFreshness } from './mailboxes/read-freshness.ts';
import { bundlePage } from './page/bundle-page.ts';
import { finishSessions } from './sessions/finish-sessions.ts';
import { MailboxFolders } from './sessions/mailbox-folders.ts';
import { reportSessions } from './sessions/report-sessions.ts';
import { SessionRates } from './sessions/session-rates.ts';
import { SessionService } from './sessions/session-service.ts';

// config
const config = configOrExit(Config, process.env);
const logger = createLogger('ops-console', config.LOG_LEVEL);
const app = new App({ logger, shutdownTimeoutMs: config.SHUTDOWN_TIMEOUT_MS });

// connect
const redis = await app.acquire(
  'redis',
  () =>
    connectRedis({
      url: config.REDIS_URL,
      role: 'producer',
      name: 'ops-console',
      onError: (err, count) => logger.warn({ err, count }, 'redis error'),
    }),
  closeRedis,
);

// wire
const prefix = config.KEY_PREFIX;
app.check('redis', createRedisCheck(redis, { prefix }));
const queueOf = (name: (typeof QUEUES)[keyof typeof QUEUES]) => {
  const queue = createQueue(name, {
    connection: redis,
    prefix,
    onError: (err) => logger.warn({ err, queue: name }, 'queue error'),
  });
  app.defer(name, () => queue.close());
  return queue;
};
const polling = queueOf(QUEUES.polling);
const messageQueues = [queueOf(QUEUES.inbound), queueOf(QUEUES.outbound)];
const queues = [polling, ...messageQueues];
const letters = new DeadLetters(messageQueues);
const payloads = new PayloadSealer({ keys: config.PAYLOAD_KEY });
const operations = new LetterOperationStore(redis, { prefix });
const leases = new LeaseStore(redis, { prefix });
// Renewed ten times a second; a console that is gone leaves its operations to another after this long.
const OPERATIONS_LEASE_MS = 30_000;
const ledger = new Ledger(redis, { prefix });
const store = new SessionStore(redis, { prefix });
const directory = new MailboxDirectory(redis, { prefix });
const watched = new WatchedDirectory({
  directory,
  onError: (err) => logger.warn({ err }, 'directory of mailboxes not followed'),
  onReset: () => logger.error('store was reset'),
});
await app.acquire('mailboxes', () =>
  atStart(async () => {
    const seed = mailboxSeed(config);
    if (seed) await directory.seed(seed);
    await watched.refresh();
  }),
);
const mailboxes = new MailboxFolders(watched);
const lookup = config.LOOKUP_KEY
  ? new LookupIndex(redis, { prefix, secret: config.LOOKUP_KEY })
  : null;
const operators = new OperatorLog(redis, { prefix });
const sessions = new SessionService({ sessions: store, polling, mailboxes });
const auditStore = new AuditStore(redis, { prefix });
const yields = new PushYieldStore(redis, { prefix });
const subscriptions = new SubscriptionStore(redis, { prefix });
const processes = new ProcessStore(redis, { prefix });
const audits = new AuditService({
  audits: auditStore,
  polling,
  mailboxes,
  clock: systemClock,
});
const liveRates = new SessionRates(systemClock);
const depths = async () =>
  sinceItsStage(await readQueueDepths(queues), (keys) => ledger.known(keys));
const holds = (ids: readonly string[]) => readHolds(redis, ids, { prefix });
const sampler = new Sampler({
  depths,
  ledger,
  gate: () => readGate(redis, { prefix, service: 'ms4' }),
  sessions: store,
  rateOf: (session) => liveRates.rateOf(session),
  causes: new CauseSummary({ groups: () => letters.groups(), clock: systemClock }),
  mailboxes: new MailboxFreshness({
    mailboxes: () => watched.current.listed(),
    yields: (refs) => yields.readMany(refs),
    holds,
    clock: systemClock,
  }),
  processes: () => processes.list(),
  resetAt: () => watched.resetAt,
  clock: systemClock,
});
const logins = new LoginStore(redis, { prefix, lifetimeMs: LOGIN_LIFETIME_MS });
const countLogin = createLoginMetrics();
const feed = new LiveFeed({
  look: () => sampler.overview(),
  ended: (loginIds) => logins.ended(loginIds),
  onError: (err) => logger.warn({ err }, 'looking at the service failed'),
});
const page = await app.acquire('page', bundlePage);
const server = createServer(
  createConsole({
    access: accessOf(config),
    logins,
    tries: new LoginTries(redis, { prefix }),
    clock: systemClock,
    version: VERSION,
    queues,
    payloads,
    routes: [
      ...sessionRoutes(sessions, audits, new SessionRates(systemClock)),
      ...auditRoutes(audits),
      ...deadLetterRoutes({ letters, operations, clock: systemClock }),
      ...findRoutes({
        mailboxes,
        ledger,
        locate: createJobLocator(messageQueues),
        index: lookup,
        clock: systemClock,
      }),
      ...mailboxRoutes({
        directory,
        watched,
        freshness: (entries) =>
          readFreshness(
            { yields, subscriptions, audits: auditStore, sessions: store, holds },
            entries,
          ),
        tenantId: config.GRAPH_TENANT_ID,
        folders: config.MAILBOX_FOLDERS,
      }),
      ...tenantRoutes(directory),
      ...subscriptionRoutes({ subscriptions, polling }),
      ...messageRoutes({
        ledger,
        locate: createJobLocator(messageQueues),
        queues: messageQueues,
        payloads,
      }),
      ...fleetRoutes({ processes, redisFacts: () => readServerFacts(redis) }),
      ...actionRoutes(operators),
      ...queueRoutes({ queues, depths }),
      ...statusRoutes({ mailboxes, ledger, sessions: store }),
      ...liveRoutes(sampler, feed),
      ...meRoutes(),
    ],
    operators,
    page,
    idempotency: new Idempotency(new IdempotencyStore(redis, { prefix })),
    ping: () => redis.ping(),
    onLogin(login) {
      countLogin(login);
      const { by, outcome, again, strangeProxy } = login;
      if (again) return;
      if (strangeProxy) logger.warn({ by, outcome }, 'login, by a proxy that is not configured');
      else logger.info({ by, outcome }, 'login');
    },
    onError: (err) => logger.error({ err }, 'request failed'),
  }),
);

// run
app.start(
  'alive',
  reportAlive({
    processes,
    app: 'ops-console',
    unready: () => app.unready(),
  }),
);
app.start('live', feed.run);
const port = await app.acquire(
  'http',
  () =>
    listen(server, {
      host: config.OPS_CONSOLE_HOST,
      port: config.OPS_CONSOLE_PORT,
      variable: 'OPS_CONSOLE_PORT',
    }),
  () => closeServer(server),
);
await app.acquire(
  'health',
  () => serveHealth(app, { host: config.HEALTH_HOST, port: config.HEALTH_PORT }),
  (health) => health.close(),
);
app.start('mailboxes', watched.watch);
app.start(
  'sessions',
  finishSessions({
    sessions: store,
    addScans: (session) => sessions.addScans(session),
    onFinished: (sessionId) => logger.info({ sessionId }, 'session finished'),
    onError: (err) => logger.warn({ err }, 'looking after sessions failed'),
  }),
);
app.start(
  'session reports',
  reportSessions({
    sessions: store,
    report: async (session) => {
      if (await audits.reportOf(session.id)) return;
      const { id: auditId } = await audits.ofSession(session, false);
      logger.info({ sessionId: session.id, auditId }, 'session report begun');
    },
    onError: (err) => logger.warn({ err }, 'reporting sessions failed'),
  }),
);
app.start(
  'dead letters',
  runOperations({
    letters,
    operations,
    ledger,
    clock: systemClock,
    lease: () => leases.acquire('dead-letters', OPERATIONS_LEASE_MS),
    onEnded: ({ id, action, done, gone, lost }) =>
      logger.info({ operationId: id, action, done, gone, lost }, 'dead letters cleared'),
    onError: (err) => logger.warn({ err }, 'clearing dead letters failed'),
  }),
);
logger.info({ port }, 'ops-console started');

// shutdown
process.exit(await app.run());
