/** Walks the folders of all mailboxes, looks after their subscriptions, and lists them for sessions. */
import {
  type IngestMessage,
  JOBS,
  type MailboxState,
  messageKey,
  QUEUES,
  takenFrom,
} from '@ms1/contracts';
import {
  createGovernor,
  createGraphClients,
  createGraphMetrics,
  governorOptionsOf,
  graphTenants,
  mailboxSeed,
  permitOptionsOf,
} from '@ms1/graph-client';
import {
  askOnce,
  closeRedis,
  connectRedis,
  createInboundProducer,
  createJobLocator,
  createParkedWaker,
  createQueue,
  createRedisCheck,
  createWorker,
  PayloadSealer,
  readWaitingWork,
  removeStranded,
  runWorker,
  syncSchedulers,
} from '@ms1/queue';
import { App, configOrExit, createLogger, Progress, serveHealth, systemClock } from '@ms1/runtime';
import {
  AuditStore,
  CursorStore,
  type FolderRef,
  folderKey,
  GraphPermits,
  LeaseStore,
  Ledger,
  MailboxDirectory,
  ProcessStore,
  PushYieldStore,
  RETENTION_MS,
  RefusalStore,
  reportAlive,
  SessionStore,
  SubscriptionStore,
  WatchedDirectory,
} from '@ms1/store';

import { auditWindow } from './auditing/audit-window.ts';
import { Config } from './config.ts';
import { FolderTroubles } from './folder-troubles.ts';
import type { Unlisted } from './listing/list-unlisted.ts';
import { activeFolders } from './mailboxes/active-folders.ts';
import { createForgetRemoved } from './mailboxes/forget-removed.ts';
import { nothingThere } from './mailboxes/nothing-there.ts';
import { ownCursors } from './mailboxes/own-cursors.ts';
import { createPollerMetrics } from './poller-metrics.ts';
import { IN_DOUBT_MS, noticeInDoubt } from './polling/notice-in-doubt.ts';
import { noticeMoved } from './polling/notice-moved.ts';
import { pollFolder } from './polling/poll-folder.ts';
import { relookFolder } from './polling/relook-folder.ts';
import { createPollingJobs } from './polling-jobs.ts';
import { createFollowPush } from './push/follow-push.ts';
import { measureArrivals } from './push/measure-arrivals.ts';
import { scanSession } from './scanning/scan-session.ts';
import { folderSchedules } from './scheduling/folder-schedules.ts';
import { keepSchedules } from './scheduling/keep-schedules.ts';
import { createRenewal } from './subscriptions/create-renewal.ts';
import { subscriptionKind } from './subscriptions/subscription-kind.ts';

// config
const config = configOrExit(Config, process.env);
const logger = createLogger('poller', config.LOG_LEVEL);
const app = new App({ logger, shutdownTimeoutMs: config.SHUTDOWN_TIMEOUT_MS });

// connect
const redis = await app.acquire(
  'redis',
  () =>
    connectRedis({
      url: config.REDIS_URL,
      role: 'worker',
      name: 'poller',
      onError: (err, count) => logger.warn({ err, count }, 'redis connection failed'),
    }),
  closeRedis,
);
const prefix = config.KEY_PREFIX;
const clock = systemClock;
const random = Math.random;
const graphMetrics = createGraphMetrics();
const directory = new MailboxDirectory(redis, { prefix });
const mailboxes = new WatchedDirectory({
  directory,
  onError: (err) => logger.warn({ err }, 'directory of mailboxes not followed'),
  onReset: () =>
    logger.error(
      'store was reset: what is remembered of mailboxes is put back, their mail is read again',
    ),
});
await app.acquire('mailboxes', async () => {
  const seed = mailboxSeed(config);
  if (seed) await directory.seed(seed);
  await mailboxes.refresh();
});
const graph = await app.acquire(
  'graph',
  () =>
    createGraphClients({
      tenants: graphTenants(config),
      tenantOf: (mailboxId) => mailboxes.current.tenantOf(mailboxId),
      clock,
      governor: createGovernor({
        permits: new GraphPermits(redis, { prefix, ...permitOptionsOf(config) }),
        ...governorOptionsOf(config),
        clock,
        random,
        onUsed: graphMetrics.used,
        onServed: (mailboxId) => wakeParked(mailboxId),
      }),
      timeoutMs: config.GRAPH_TIMEOUT_MS,
      onRequests: graphMetrics.requests,
      encryption: config.NOTIFICATION_CERTIFICATE,
    }),
  (clients) => clients.close(),
);

// wire
const stateOf = (folder: FolderRef) => mailboxes.current.stateOf(folder);
/** What is subscribed to; with `active`, what is walked. */
const foldersOf = (states: readonly MailboxState[]) =>
  mailboxes.current
    .listed()
    .flatMap(({ state, mailboxId }) =>
      states.includes(state) ? mailboxes.current.foldersOf(mailboxId) : [],
    );
const onError = (err: Error): void => logger.warn({ err }, 'queue error');
const polling = createQueue(QUEUES.polling, { connection: redis, prefix, onError });
const inbound = createQueue(QUEUES.inbound, { connection: redis, prefix, onError });
const wakeParked = createParkedWaker({
  queue: inbound,
  parked: new RefusalStore(redis, { prefix }),
  onError: (err) => logger.warn({ err }, 'parked messages not woken'),
});
const outbound = createQueue(QUEUES.outbound, { connection: redis, prefix, onError });
const ledger = new Ledger(redis, { prefix });
const cursors = new CursorStore(redis, { prefix });
const positions = ownCursors(
  cursors,
  (mailboxId) => mailboxes.current.get(mailboxId)?.forgetBefore ?? null,
);
const audits = new AuditStore(redis, { prefix });
const sessions = new SessionStore(redis, { prefix });
const leases = new LeaseStore(redis, { prefix });
const payloads = new PayloadSealer({ keys: config.PAYLOAD_KEY });
const producer = createInboundProducer({ queue: inbound, ledger, payloads });
// Kept while a walk goes on; what a killed process held is free before the next tick but one.
const WALK_LEASE_MS = 60_000;
// 2,000,000 messages at the default page size: no folder has as many.
const PAGES_MAX = 10_000;
/** ms since the epoch: from when a folder without a position is read; as far back as a message is known at most. */
const beginOf = ({ mailboxId, folderId }: FolderRef): number => {
  const entry = mailboxes.current.get(mailboxId);
  const from = entry ? takenFrom(entry, folderId) : clock.now();
  return Math.max(from, clock.now() - RETENTION_MS);
};
const walkName = (folder: FolderRef): string => `walk ${folderKey(folder)}`;
const kind = subscriptionKind(config.NOTIFICATION_URL ?? '', config.SUBSCRIPTION_LIFETIME_MINUTES, {
  rich: config.NOTIFICATION_CERTIFICATE !== undefined,
});
const locate = createJobLocator([inbound, outbound]);
/** For messages whose jobs are gone: what is left of those would keep new ones out. */
const putBack = async (messages: readonly IngestMessage[]): Promise<void> => {
  await removeStranded([inbound, outbound], messages.map(messageKey));
  await producer.putBack(messages);
};
const shared = {
  folders: activeFolders(graph.folders, stateOf),
  onUnlisted: ({ messageId, after, error, ...folder }: Unlisted) => {
    const { tenantId } = mailboxes.current.get(folder.mailboxId) ?? {};
    const key = tenantId && messageId && messageKey({ tenantId, messageId, ...folder });
    const { code, support } = error;
    logger.warn(
      { folder: folderKey(folder), key, after, code, support },
      'a message is on no page',
    );
  },
  notice: noticeInDoubt({
    notice: (messages) => producer.notice(messages),
    isInDoubt: () => clock.now() - (mailboxes.resetAt ?? 0) < IN_DOUBT_MS,
    ledger,
    locate,
    putBack,
  }),
  clock,
  pageSize: config.POLLER_PAGE_SIZE,
  pagesMax: PAGES_MAX,
};
const troubles = new FolderTroubles({ clock, everyMs: config.POLLER_INTERVAL_MS });
const progress = new Progress({ done: 'walked', look: () => readWaitingWork(polling) });
const metrics = createPollerMetrics();
const activeSessionOf = (mailboxId: string) => sessions.activeSessionOf(mailboxId);
const known = (keys: string[]) => ledger.known(keys);
const yields = new PushYieldStore(redis, { prefix });
const askForRenewal = () => polling.add(JOBS.renewSubscriptions, { v: 1 }, askOnce('renewal'));
const followPush = createFollowPush({
  yields,
  askForRenewal,
  clock,
  onChange: (change) => {
    metrics.pushed(change);
    logger.warn({ change }, 'notifications of a folder changed');
  },
});
const moved = { ...shared, known, activeSessionOf, messages: graph.messages };
// A quarter of the usual distance: four times the requests, and a message is noticed after 8 s on average instead of 30.
const SOONER_MS = Math.max(1_000, config.POLLER_INTERVAL_MS / 4);
const jobs = createPollingJobs({
  poll: (folder, signal) =>
    pollFolder(
      {
        ...shared,
        activeSessionOf,
        settleRemoved: (walked, removed, stop) =>
          noticeMoved({ ...moved, folders: graph.folders }, walked, removed, stop),
        // Without a webhook there is nothing to measure, and nothing to repair.
        ...(config.NOTIFICATION_URL !== undefined && {
          measure: (messages, receivedAt, from) =>
            measureArrivals(known, messages, receivedAt, from),
        }),
        afterWalk: (walked, { arrivals }) => followPush(walked, arrivals),
        relook: (walked, bounds, stop) =>
          relookFolder({ ...shared, activeSessionOf }, walked, bounds, stop),
        lease: (walked) => leases.acquire(walkName(walked), WALK_LEASE_MS),
        cursors: {
          read: (walked, fence) => positions.read(walked, fence),
          write: (walked, position, fence) => cursors.write(walked, position, fence),
        },
        since: config.INGEST_SINCE,
        takenFrom: beginOf,
      },
      folder,
      signal,
    ),
  scan: (job, signal) => scanSession({ ...shared, sessions }, job, signal),
  audit: (job, signal) =>
    auditWindow(
      {
        ...shared,
        ledger,
        cursors: positions,
        locate,
        putBack,
        audits,
        windowMs: config.POLLER_AUDIT_WINDOW_HOURS * 3_600_000,
        settleMs: config.POLLER_AUDIT_SETTLE_MINUTES * 60_000,
      },
      job,
      signal,
    ),
  renew: createRenewal({
    lease: (ms) => leases.acquire('renew-subscriptions', ms),
    refresh: () => mailboxes.refresh(),
    tenantIds: graph.tenantIds,
    graphOf: (tenantId) => graph.of(tenantId).subscriptions,
    table: new SubscriptionStore(redis, { prefix }),
    folders: () => (config.NOTIFICATION_URL === undefined ? [] : foldersOf(['active', 'paused'])),
    isKnown: (mailboxId) => mailboxes.current.get(mailboxId) !== undefined,
    yields,
    kind,
    clock,
    random,
    pollNow: (folder) =>
      polling.add(JOBS.pollFolder, { v: 1, ...folder }, askOnce(`walk-${folderKey(folder)}`)),
  }),
  stateOf: (folder) => {
    const entry = mailboxes.current.get(folder.mailboxId);
    return entry?.tenantId === folder.tenantId ? stateOf(folder) : undefined;
  },
  gone: {
    scan: async ({ sessionId, ...folder }) => {
      await sessions.recordScan(sessionId, folder, { found: 0, requeued: 0 });
      await sessions.finish(sessionId);
    },
    audit: ({ auditId, from, to, ...folder }) =>
      audits.report(auditId, folder, nothingThere(clock.now(), from, to)),
  },
  // Named for its time, because one job can not add itself again while it runs.
  pollSooner: (folder) =>
    polling.add(
      JOBS.pollFolder,
      { v: 1, ...folder },
      {
        jobId: `sooner-${folderKey(folder)}-${Math.floor(clock.now() / SOONER_MS)}`,
        attempts: 1,
        removeOnComplete: true,
        removeOnFail: true,
        delay: SOONER_MS,
      },
    ),
  folderKey,
  pollEveryMs: config.POLLER_INTERVAL_MS,
  labelOf: (mailboxId) => mailboxes.current.get(mailboxId)?.label,
  troubles,
  progress,
  metrics,
  logger,
  random,
  stopping: app.signal,
});
const worker = createWorker({
  queue: QUEUES.polling,
  connection: redis,
  prefix,
  concurrency: config.POLLER_CONCURRENCY,
  process: (job, signal) => progress.during(() => jobs(job, signal)),
  onFailed: (job, err) => logger.error({ job: job?.name, jobId: job?.id, err }, 'job failed'),
  onError,
});
const syncSchedules = (): Promise<void> =>
  syncSchedulers(
    polling,
    folderSchedules({
      folders: foldersOf(['active']),
      pollEveryMs: config.POLLER_INTERVAL_MS,
      auditEveryMs: config.POLLER_AUDIT_INTERVAL_MINUTES * 60_000,
      folderKey,
    }),
  );
const forgetRemoved = createForgetRemoved({
  lease: (folder) => leases.acquire(walkName(folder), WALK_LEASE_MS),
  isRemoved: async (mailboxId) => (await directory.get(mailboxId))?.state === 'removed',
  forgetCursor: (folder, fence) => cursors.forget(folder, fence),
  forgetLease: (folder) => leases.forget(walkName(folder)),
});
const followDirectory = async (): Promise<void> => {
  await syncSchedules();
  await forgetRemoved(mailboxes.current.entries);
};
mailboxes.onChange(async () => {
  await askForRenewal();
  await followDirectory();
});

// run
app.start(
  'alive',
  reportAlive({
    processes: new ProcessStore(redis, { prefix }),
    app: 'poller',
    unready: () => app.unready(),
  }),
);
app.check('redis', createRedisCheck(redis, { prefix }));
app.check('graph', () => troubles.assertNone());
app.check('progress', () => progress.assert());
app.check('graph credentials', () => graph.assertAccepted());
await app.acquire(
  'health',
  () => serveHealth(app, { host: config.HEALTH_HOST, port: config.HEALTH_PORT }),
  (server) => server.close(),
);
app.start('worker', runWorker(worker));
app.start(
  'schedules',
  keepSchedules({
    sync: followDirectory,
    everyMs: 60_000,
    onError: (err) => logger.warn({ err }, 'schedules not put right'),
  }),
);
app.start('mailboxes', mailboxes.watch);
// At once, whenever the next tick of a fleet that ran before would be.
await app.acquire('renewal', askForRenewal);
if (mailboxes.current.listed().length === 0) {
  logger.warn('no mailbox yet: set MAILBOXES, or add one through the console');
}
logger.info(
  { folders: foldersOf(['active']).length, announced: config.NOTIFICATION_URL !== undefined },
  'poller started',
);

// shutdown
process.exit(await app.run());
