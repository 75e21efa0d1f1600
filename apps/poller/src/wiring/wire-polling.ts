import { folderKey, JOBS, messageKey, QUEUES } from '@ms1/contracts';
import type { GraphClients } from '@ms1/graph-client';
import type { WatchedDirectory } from '@ms1/mailboxes';
import type { FleetProcess } from '@ms1/process';
import { askOnce, createWorker, readWaitingWork, runWorker, stripLetters } from '@ms1/queue';
import { Progress, systemClock, type Task } from '@ms1/runtime';

import { auditWindow } from '../auditing/audit-window.ts';
import type { Config } from '../config.ts';
import { FolderTroubles } from '../folder-troubles.ts';
import type { Unlisted } from '../listing/list-unlisted.ts';
import { activeFolders } from '../mailboxes/active-folders.ts';
import { nothingThere } from '../mailboxes/nothing-there.ts';
import { createPollerMetrics } from '../poller-metrics.ts';
import { IN_DOUBT_MS, NoticeInDoubt } from '../polling/notice-in-doubt.ts';
import { noticeMoved } from '../polling/notice-moved.ts';
import { pollFolder } from '../polling/poll-folder.ts';
import { relookFolder } from '../polling/relook-folder.ts';
import { SettledMessages } from '../polling/settled-messages.ts';
import type { WalkedFolder } from '../polling/walk-folder.ts';
import { createPollingJobs } from '../polling-jobs.ts';
import { createFollowPush } from '../push/follow-push.ts';
import { measureArrivals } from '../push/measure-arrivals.ts';
import { scanSession } from '../scanning/scan-session.ts';
import { type Share, shareOut } from '../scheduling/poll-shares.ts';
import { createRenewal } from '../subscriptions/create-renewal.ts';
import { subscriptionKind } from '../subscriptions/subscription-kind.ts';
import { type followDirectory, walkNow } from './follow-directory.ts';
import type { PollerStores } from './open-stores.ts';

export interface PollingOptions {
  config: Config;
  mailboxes: WatchedDirectory;
  graph: GraphClients;
  stores: PollerStores;
  follow: Pick<ReturnType<typeof followDirectory>, 'foldersOf' | 'askForRenewal'>;
}

/** 2,000,000 messages at the default page size: no folder has as many. */
const PAGES_MAX = 10_000;

/** Wires the worker of `polling`: walks, scans, audits and the renewal of subscriptions. */
export function wirePolling(fleet: FleetProcess, options: PollingOptions): Record<'worker', Task> {
  const { app, logger, redis, prefix, queue } = fleet;
  const { config, mailboxes, graph, stores, follow } = options;
  const { ledger, positions, audits, sessions, stateOf } = stores;
  const clock = systemClock;
  const random = Math.random;
  const polling = queue(QUEUES.polling);
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
    producer: new NoticeInDoubt({
      producer: stores.producer,
      isInDoubt: () => clock.now() - (mailboxes.resetAt ?? 0) < IN_DOUBT_MS,
      ledger,
      locate: stores.locate,
      putBack: stores.putBack,
    }),
    sessions,
    clock,
    pageSize: config.POLLER_PAGE_SIZE,
    pagesMax: PAGES_MAX,
  };
  const settled = new SettledMessages();
  // A Redis that comes back may lack what it was told last.
  redis.on('close', () => settled.forget());
  const troubles = new FolderTroubles({ clock, everyMs: config.POLLER_INTERVAL_MS });
  const progress = new Progress({ done: 'walked', look: () => readWaitingWork([polling]) });
  app.check('graph', () => troubles.assertNone());
  app.check('progress', () => progress.assert());
  const metrics = createPollerMetrics();
  const followPush = createFollowPush({
    yields: stores.yields,
    askForRenewal: follow.askForRenewal,
    clock,
    onChange: (change) => {
      metrics.pushed(change);
      logger.warn({ change }, 'notifications of a folder changed');
    },
  });
  const moved = { ...shared, ledger, messages: graph.messages };
  // A quarter of the usual distance: four times the requests, and a message is noticed after 8 s on average instead of 30.
  const soonerMs = Math.max(1_000, config.POLLER_INTERVAL_MS / 4);
  let sharedOut = { of: 0, snapshot: mailboxes.current, shares: [] as WalkedFolder[][] };
  const foldersIn = ({ share, of }: Share): readonly WalkedFolder[] => {
    const snapshot = mailboxes.current;
    if (sharedOut.of !== of || sharedOut.snapshot !== snapshot) {
      sharedOut = { of, snapshot, shares: shareOut(of, follow.foldersOf(['active'])) };
    }
    return sharedOut.shares[share] ?? [];
  };
  const jobs = createPollingJobs({
    poll: (folder, signal) =>
      pollFolder(
        {
          ...shared,
          settleRemoved: (walked, removed, stop) =>
            noticeMoved({ ...moved, folders: graph.folders }, walked, removed, stop),
          // Without a webhook there is nothing to measure, and nothing to repair.
          ...(config.NOTIFICATION_URL !== undefined && { measure: measureArrivals }),
          afterWalk: (walked, { arrivals }) => followPush(walked, arrivals),
          relook: (walked, bounds, stop) =>
            relookFolder({ ...shared, settled }, walked, bounds, stop),
          lease: stores.walkLease,
          cursors: positions,
          since: config.INGEST_SINCE,
          takenFrom: stores.beginOf,
        },
        folder,
        signal,
      ),
    scan: (job, signal) => scanSession(shared, job, signal),
    audit: async (job, signal) => {
      const result = await auditWindow(
        {
          ...shared,
          ledger,
          cursors: positions,
          locate: stores.locate,
          putBack: stores.putBack,
          audits,
          windowMs: config.POLLER_AUDIT_WINDOW_HOURS * 3_600_000,
          settleMs: config.POLLER_AUDIT_SETTLE_MINUTES * 60_000,
        },
        job,
        signal,
      );
      const { unexplained: by } = result?.counts ?? { unexplained: 0 };
      if (by > 0) {
        await stores.tallies.add([{ mailboxId: job.mailboxId, counted: 'unexplained', by }]);
      }
      return result;
    },
    renew: createRenewal({
      leases: stores.leases,
      mailboxes,
      graph,
      table: stores.subscriptions,
      folders: () =>
        config.NOTIFICATION_URL === undefined ? [] : follow.foldersOf(['active', 'paused']),
      isKnown: (mailboxId) => mailboxes.current.get(mailboxId) !== undefined,
      yields: stores.yields,
      kind: subscriptionKind(config.NOTIFICATION_URL ?? '', config.SUBSCRIPTION_LIFETIME_MINUTES, {
        rich: config.NOTIFICATION_CERTIFICATE !== undefined,
      }),
      clock,
      random,
      pollNow: (folder) => polling.addBulk([walkNow(folder)]),
    }),
    strip: (after, signal) =>
      stripLetters(
        {
          queues: stores.messageQueues,
          payloads: fleet.payloads,
          progress: stores.stripProgress,
        },
        clock.now() - config.DEAD_LETTER_RETENTION_DAYS * 24 * 3_600_000,
        after,
        signal,
      ),
    stripMore: (after) => polling.add(JOBS.stripLetters, { v: 1, after }, askOnce('strip-letters')),
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
    foldersIn,
    concurrency: config.POLLER_CONCURRENCY,
    pollSooner: (folder, afterMs = soonerMs) =>
      polling.add(
        JOBS.pollFolder,
        { v: 1, ...folder },
        {
          jobId: `sooner-${folderKey(folder)}-${Math.floor(clock.now() / afterMs)}`,
          attempts: 1,
          removeOnComplete: true,
          removeOnFail: true,
          delay: afterMs,
        },
      ),
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
    onError: (err) => logger.warn({ err }, 'worker'),
  });
  return { worker: runWorker(worker, redis) };
}
