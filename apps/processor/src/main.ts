/** Takes `inbound` in batches, completes each message from Graph, and hands its record over to `outbound`. */

import { type BatchEntry, BatchWorker } from '@ms1/bullmq-batch';
import { type IngestMessage, QUEUES } from '@ms1/contracts';
import {
  createGovernor,
  createGraphClients,
  createGraphMetrics,
  governorOptionsOf,
  graphTenants,
  isWhole,
  permitOptionsOf,
  toMetadata,
} from '@ms1/graph-client';
import {
  closeRedis,
  connectRedis,
  createDeathWatch,
  createParkedWaker,
  createQueue,
  createRedisCheck,
  PayloadSealer,
  readWaitingWork,
  runWorker,
} from '@ms1/queue';
import { App, configOrExit, createLogger, Progress, serveHealth, systemClock } from '@ms1/runtime';
import {
  GraphPermits,
  Ledger,
  LookupIndex,
  MailboxDirectory,
  ProcessStore,
  RefusalStore,
  reportAlive,
  WatchedDirectory,
} from '@ms1/store';

import { Config } from './config.ts';
import { indexRecords } from './index-records.ts';
import { createPrepareBatch } from './prepare-batch.ts';
import { createPreparedRecorder } from './prepared-recorder.ts';
import { createProcessorMetrics } from './processor-metrics.ts';
import { createReadBursts } from './read-bursts.ts';
import { tellProgress } from './tell-progress.ts';

// config
const config = configOrExit(Config, process.env);
const logger = createLogger('processor', config.LOG_LEVEL);
const app = new App({ logger, shutdownTimeoutMs: config.SHUTDOWN_TIMEOUT_MS });
const { KEY_PREFIX: prefix } = config;

// connect
const redis = await app.acquire(
  'redis',
  () =>
    connectRedis({
      url: config.REDIS_URL,
      role: 'worker',
      name: 'processor',
      onError: (err, count) => logger.warn({ err, count }, 'redis connection'),
    }),
  closeRedis,
);
app.check('redis', createRedisCheck(redis, { prefix }));
const graphMetrics = createGraphMetrics();
const mailboxes = new WatchedDirectory({
  directory: new MailboxDirectory(redis, { prefix }),
  onError: (err) => logger.warn({ err }, 'directory of mailboxes not followed'),
  onReset: () => logger.error('store was reset'),
});
await app.acquire('mailboxes', () => mailboxes.refresh());
const graph = await app.acquire(
  'graph connections',
  () =>
    createGraphClients({
      tenants: graphTenants(config),
      tenantOf: (mailboxId) => mailboxes.current.tenantOf(mailboxId),
      clock: systemClock,
      governor: createGovernor({
        permits: new GraphPermits(redis, { prefix, ...permitOptionsOf(config) }),
        clock: systemClock,
        ...governorOptionsOf(config),
        // The messages of a mailbox that is held go back at once: the others of the batch do not wait for it.
        holdWaitMsMax: 0,
        onUsed: graphMetrics.used,
        onServed: (mailboxId) => wakeParked(mailboxId),
      }),
      timeoutMs: config.GRAPH_TIMEOUT_MS,
      onRequests: graphMetrics.requests,
    }),
  (clients) => clients.close(),
);
await app.acquire(
  'health',
  () => serveHealth(app, { host: config.HEALTH_HOST, port: config.HEALTH_PORT }),
  (health) => health.close(),
);

// wire
/** Messages a page when a burst is read, which is 0.005 units each; a 504 halves it. */
const BURST_PAGE = 200;
const ledger = new Ledger(redis, { prefix });
const outbound = createQueue<object>(QUEUES.outbound, {
  connection: redis,
  prefix,
  onError: (err) => logger.warn({ err }, 'outbound queue'),
});
app.defer('outbound queue', () => outbound.close());
const inbound = createQueue<IngestMessage>(QUEUES.inbound, {
  connection: redis,
  prefix,
  onError: (err) => logger.warn({ err }, 'inbound queue'),
});
app.defer('inbound queue', () => inbound.close());
const payloads = new PayloadSealer({
  keys: config.PAYLOAD_KEY,
  onUnknownKey: (keyId) => logger.error({ keyId }, 'jobs are sealed by a key that is not here'),
});
app.check('payload key', () => payloads.assertKnown());
const refusals = new RefusalStore(redis, { prefix });
const wakeParked = createParkedWaker({
  queue: inbound,
  parked: refusals,
  onError: (err) => logger.warn({ err }, 'parked messages not woken'),
});
const deaths = createDeathWatch({
  queue: inbound,
  ledger,
  onError: (err) => logger.warn({ err }, 'dead letters not told to the ledger'),
});
const prepareBatch = createPrepareBatch<BatchEntry<IngestMessage>>({
  reader: {
    metadata: createReadBursts({
      async readEach(refs, signal) {
        const results = await graph.messages.messages(refs, signal);
        return results.map((read) =>
          read.ok ? { ok: true, value: toMetadata(read.value) } : read,
        );
      },
      async readPage(request, signal) {
        const page = await graph.folders.recentPage({
          ...request,
          to: null,
          order: 'asc',
          pageSize: BURST_PAGE,
          signal,
        });
        const { messages, nextLink } = page;
        return {
          messages: messages.flatMap(({ id, message }) =>
            message && isWhole(message) ? { id, metadata: toMetadata(message) } : [],
          ),
          nextLink,
        };
      },
      pageSize: BURST_PAGE,
      clock: systemClock,
    }),
    attachments: (refs, signal) => graph.messages.attachments(refs, signal),
  },
  inlineToo: config.PROCESSOR_INLINE_ATTACHMENTS,
  ledger,
  refusals,
  park: (mailboxId, jobIds) => refusals.park(mailboxId, jobIds),
  rulesOf: (mailboxId) => mailboxes.current.rulesOf(mailboxId),
  stateOf: ({ tenantId, mailboxId }) => {
    const entry = mailboxes.current.get(mailboxId);
    return entry?.tenantId === tenantId ? entry.state : undefined;
  },
  ...(config.LOOKUP_KEY && {
    index: indexRecords(new LookupIndex(redis, { prefix, secret: config.LOOKUP_KEY }), (err) =>
      logger.warn({ err }, 'mail not indexed'),
    ),
  }),
  open: (jobId, data) => payloads.open(jobId, data),
  handOver: (entry, name, data, jobId) =>
    entry.enqueue(outbound, name, payloads.seal(jobId, data), { jobId }),
  clock: systemClock,
});
const countBatch = createProcessorMetrics();
const progress = new Progress({
  done: 'prepared',
  look: () =>
    readWaitingWork(inbound, async () => {
      const { prepared, delivered, skipped, dead } = await ledger.totals();
      return prepared + delivered + skipped + dead;
    }),
});
app.check('progress', () => progress.assert());
app.check('graph credentials', () => graph.assertAccepted());
const worker = new BatchWorker<IngestMessage>(
  QUEUES.inbound,
  async (batch, signal) => {
    const began = performance.now();
    const outcome = await progress.during(() => prepareBatch(batch, signal));
    tellProgress(progress, outcome);
    countBatch(outcome);
    const { pausedBy, ...counts } = outcome;
    const report = { ...counts, durationMs: Math.round(performance.now() - began) };
    if (pausedBy) logger.warn({ ...report, err: pausedBy }, 'preparation paused');
    else logger.info(report, 'batch prepared');
  },
  {
    connection: redis,
    prefix,
    autorun: false,
    batch: {
      size: config.PROCESSOR_BATCH_SIZE,
      concurrency: config.PROCESSOR_CONCURRENCY,
      // Announced messages come one by one: 50 ms gather those that came together into one $batch.
      minSize: config.PROCESSOR_BATCH_SIZE,
      idle: 50,
      timeout: 250,
      // A batch of one makes four calls at most, each after a turn of 10 s: longer hangs.
      deadline: 4 * (config.GRAPH_TIMEOUT_MS + 10_000),
      // What is still in hand then is aborted and goes back, in time for the connections to close.
      closeTimeout: Math.floor(config.SHUTDOWN_TIMEOUT_MS * 0.8),
      // Nobody listens to the queues' event streams, nothing writes logs of jobs: the ledger tells where a message is.
      lean: true,
    },
  },
);
const recorder = createPreparedRecorder({
  ledger,
  clock: systemClock,
  onError: (err) => logger.error({ err }, 'prepared messages not recorded'),
});
app.defer('prepared messages', () => recorder.flush());
worker.on('completed', (job) => recorder.completed(job));
worker.on('failed', deaths.soon);
worker.on('error', (err) => logger.error({ err }, 'worker'));

// run
app.start(
  'alive',
  reportAlive({
    processes: new ProcessStore(redis, { prefix: config.KEY_PREFIX }),
    app: 'processor',
    unready: () => app.unready(),
  }),
);
app.start('mailboxes', mailboxes.watch);
app.start('deaths', deaths.task);
app.start('worker', runWorker(worker));
logger.info({ batchSize: config.PROCESSOR_BATCH_SIZE }, 'processor started');

// shutdown
process.exit(await app.run());
