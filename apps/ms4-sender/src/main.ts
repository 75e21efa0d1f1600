/** Takes `outbound` in batches and sends each to MS4 in one request. */

import { BatchWorker } from '@ms1/bullmq-batch';
import { QUEUES } from '@ms1/contracts';
import {
  createMs4Client,
  isMs4Timeout,
  isMs4Transient,
  Ms4AuthError,
  ms4AuthOf,
  ms4TlsOf,
} from '@ms1/ms4-client';
import {
  closeRedis,
  connectRedis,
  createDeathWatch,
  createQueue,
  createRedisCheck,
  PayloadSealer,
  readWaitingWork,
} from '@ms1/queue';
import { createHttpClient, createOutboundPolicy } from '@ms1/resilience';
import { App, configOrExit, createLogger, Progress, serveHealth, systemClock } from '@ms1/runtime';
import { Ledger, ProcessStore, RequestGate, reportAlive } from '@ms1/store';

import { createAdaptiveSize } from './adaptive-size.ts';
import { createAdmission } from './admit-requests.ts';
import { Config } from './config.ts';
import { createDeliverBatch } from './deliver-batch.ts';
import { createPartialHold } from './hold-partial.ts';
import { createLearntSize } from './learnt-size.ts';
import { RequestHeldError } from './request-held-error.ts';
import { createSenderRun } from './run-sender.ts';
import { createSuspectWatch } from './suspect-watch.ts';
import { createTellProgress } from './tell-progress.ts';

/** records that the contract takes in a request (MS4 contract, Batch) */
const BATCH_SIZE_MAX = 1_000;
/** ms after which a sender whose credentials are refused tries one batch again: a permission may have been given */
const CREDENTIALS_REST_MS = 60_000;

// config
const config = configOrExit(Config, process.env);
const logger = createLogger('ms4-sender', config.LOG_LEVEL);
const app = new App({ logger, shutdownTimeoutMs: config.SHUTDOWN_TIMEOUT_MS });
const { KEY_PREFIX: prefix } = config;
const ms4Url = new URL(config.MS4_BASE_URL);

// connect
const redis = await app.acquire(
  'redis',
  () =>
    connectRedis({
      url: config.REDIS_URL,
      role: 'worker',
      name: 'ms4-sender',
      onError: (err, count) => logger.warn({ err, count }, 'redis connection'),
    }),
  closeRedis,
);
app.check('redis', createRedisCheck(redis, { prefix }));
const http = await app.acquire(
  'ms4 connections',
  () =>
    createHttpClient({
      name: 'ms4',
      origin: ms4Url.origin,
      connections: config.MS4_SENDER_CONCURRENCY,
      timeoutMs: config.MS4_TIMEOUT_MS,
      // 1,000 verdicts of 150 bytes with room for messages
      responseBytesMax: 1_000_000,
      tls: ms4TlsOf(config),
    }),
  (client) => client.close(),
);
await app.acquire(
  'health',
  () => serveHealth(app, { host: config.HEALTH_HOST, port: config.HEALTH_PORT }),
  (health) => health.close(),
);

// wire
const gate = new RequestGate(redis, {
  prefix,
  service: 'ms4',
  perSecond: config.MS4_REQUESTS_PER_SECOND_MAX,
  perMinute: config.MS4_REQUESTS_PER_MINUTE_MAX,
  openMs: config.MS4_BREAKER_OPEN_MS,
  openMsMax: config.MS4_BREAKER_OPEN_MS_MAX,
  probeMs: config.MS4_TIMEOUT_MS + 5_000,
});
const policy = createOutboundPolicy({
  attempts: 3,
  backoff: { initialMs: 200, maxMs: 2_000 },
  breaker: {
    // A batch with two poison records fails at most 5 times in a row (3 attempts of the whole, both halves)
    // before a part is answered, so 10 tells MS4 being down from a few bad records.
    threshold: 10,
    // For how long is the gate's to say, for all senders alike.
    openMs: 0,
    openMsMax: 0,
  },
  isTransient: isMs4Transient,
  isWorthRetrying: (error) => !isMs4Timeout(error),
  isNeutral: (error) => error instanceof RequestHeldError,
});
policy.onStateChange((state) => {
  logger.warn({ state }, 'ms4 breaker');
  // One sender's breaker shuts the gate for all of them.
  if (state === 'open') gate.trip().catch((err: unknown) => logger.warn({ err }, 'ms4 gate'));
});
const ms4 = createMs4Client({
  http,
  policy,
  auth: ms4AuthOf(config),
  admission: createAdmission({
    gate,
    onBreaker: (state) => logger.warn({ state }, 'ms4 gate after a probe'),
    onError: (err) => logger.warn({ err }, 'ms4 gate'),
  }),
  batchPath: `${ms4Url.pathname.replace(/\/$/, '')}${config.MS4_BATCH_PATH}`,
});
const ledger = new Ledger(redis, { prefix });
const watch = createSuspectWatch(systemClock);
const payloads = new PayloadSealer({
  keys: config.PAYLOAD_KEY,
  onUnknownKey: (keyId) => logger.error({ keyId }, 'jobs are sealed by a key that is not here'),
});
app.check('payload key', () => payloads.assertKnown());
const deliverBatch = createDeliverBatch({
  ms4: {
    storeBatch: (batch, signal, options) => ms4.storeBatch(batch, signal, options),
    isBroken: () => policy.state !== 'closed',
    acceptsCredentials: (id, signal) => ms4.acceptsCredentials(id, signal),
  },
  evidence: () => gate.evidence(),
  watch,
  payloads,
  ledger,
  size: createLearntSize(config.MS4_SENDER_BATCH_BYTES_MAX, systemClock),
  clock: systemClock,
});
const inbound = createQueue(QUEUES.inbound, {
  connection: redis,
  prefix,
  onError: (err) => logger.warn({ err }, 'inbound queue'),
});
app.defer('inbound queue', () => inbound.close());
const outbound = createQueue(QUEUES.outbound, {
  connection: redis,
  prefix,
  onError: (err) => logger.warn({ err }, 'outbound queue'),
});
app.defer('outbound queue', () => outbound.close());
const progress = new Progress({
  done: 'delivered',
  look: () => readWaitingWork(outbound, async () => (await ledger.totals()).delivered),
});
app.check('progress', () => progress.assert());
const tellProgress = createTellProgress(progress, watch);
const size = createAdaptiveSize({
  size: config.MS4_SENDER_BATCH_SIZE,
  sizeMax: BATCH_SIZE_MAX,
  quickMs: config.MS4_TIMEOUT_MS / 10,
  pinned: config.MS4_SENDER_BATCH_SIZE_PINNED,
});
const holdPartial = createPartialHold({
  enough: () => size.enough(),
  waitMsMax: config.MS4_SENDER_BATCH_WAIT_MS_MAX,
  comingCount: () => inbound.getJobCountByTypes('wait', 'prioritized', 'active'),
  clock: systemClock,
});
let refusedBy: Error | null = null;
app.check('ms4 credentials', () => {
  if (refusedBy) throw refusedBy;
});
const worker = new BatchWorker(
  QUEUES.outbound,
  async (batch, signal) => {
    // It waits for more on purpose, and not for long.
    if (await holdPartial(batch)) return progress.made();
    const began = performance.now();
    const delivery = await progress.during(() => deliverBatch(batch, signal));
    tellProgress(delivery);
    const { pausedBy, ...counts } = delivery;
    const report = { ...counts, durationMs: Math.round(performance.now() - began) };
    refusedBy = pausedBy instanceof Ms4AuthError ? pausedBy : null;
    if (refusedBy) await sender.stop();
    size.observe(report);
    worker.resize(size.current(), size.enough());
    if (pausedBy) logger.warn({ ...report, err: pausedBy }, 'delivery paused');
    else logger.info(report, 'batch delivered');
  },
  {
    connection: redis,
    prefix,
    autorun: false,
    lockDuration: config.MS4_SENDER_LOCK_MS,
    stalledInterval: Math.ceil(config.MS4_SENDER_LOCK_MS / 3),
    batch: {
      size: config.MS4_SENDER_BATCH_SIZE,
      minSize: config.MS4_SENDER_BATCH_SIZE,
      idle: config.MS4_SENDER_BATCH_WAIT_MS,
      timeout: config.MS4_SENDER_BATCH_WAIT_MS_MAX,
      concurrency: config.MS4_SENDER_CONCURRENCY,
      // A record alone takes three attempts at MS4, each after a turn of 5 s and a pause of 2 s: longer hangs.
      deadline: 60_000 + 4 * config.MS4_TIMEOUT_MS,
      // What is still in flight then is aborted and its jobs go back, in time for the connections to close.
      closeTimeout: Math.floor(config.SHUTDOWN_TIMEOUT_MS * 0.8),
      // Nobody listens to the queues' event streams, nothing writes logs of jobs: the ledger tells where a message is.
      lean: true,
    },
  },
);
const deaths = createDeathWatch({
  queue: outbound,
  ledger,
  onError: (err) => logger.warn({ err }, 'dead letters not told to the ledger'),
});
worker.on('failed', deaths.soon);
worker.on('error', (err) => logger.error({ err }, 'worker'));
const sender = createSenderRun(worker, CREDENTIALS_REST_MS);

// run
app.start(
  'alive',
  reportAlive({
    processes: new ProcessStore(redis, { prefix: config.KEY_PREFIX }),
    app: 'ms4-sender',
    unready: () => app.unready(),
  }),
);
app.start('deaths', deaths.task);
app.start('worker', sender.task);
logger.info({ batchSize: config.MS4_SENDER_BATCH_SIZE }, 'ms4-sender started');

// shutdown
process.exit(await app.run());
