import { BatchBudget, type BatchEntry, BatchWorker } from '@ms1/bullmq-batch';
import { JOBS, keyOfJobId, QUEUES, shardOfMailbox } from '@ms1/contracts';
import { Ledger } from '@ms1/ledger';
import { MailboxDirectory, TallyStore, TallyWriter } from '@ms1/mailboxes';
import { Ms4AuthError } from '@ms1/ms4-client';
import { createTellAttempts, type FleetProcess } from '@ms1/process';
import { createDeathWatch, readWaitingWork, shardQueues } from '@ms1/queue';
import { Progress, systemClock, type Task } from '@ms1/runtime';
import { annotate, inBatch } from '@ms1/tracing';

import { AdaptiveSize } from './adaptive-size.ts';
import type { Config } from './config.ts';
import { createDeliverBatch, type DeliveryBatch } from './deliver-batch.ts';
import { createPartialHold } from './hold-partial.ts';
import { LearntSize } from './learnt-size.ts';
import type { Ms4 } from './open-ms4.ts';
import { createReadAgain } from './read-again.ts';
import { createSenderRun } from './run-sender.ts';
import type { SenderMetrics } from './sender-metrics.ts';
import { SuspectWatch } from './suspect-watch.ts';
import { createTellProgress } from './tell-progress.ts';

/** records that the contract takes in a request (packages/contracts/openapi/ms4.yaml, Batch) */
const BATCH_SIZE_MAX = 1_000;
/** ms after which a sender whose credentials are refused tries one batch again: a permission may have been given */
const CREDENTIALS_REST_MS = 60_000;

/** Wires the way from `outbound` to MS4, in batches. */
export function wireDelivery(
  { app, logger, redis, prefix, shards, payloads, queue }: FleetProcess,
  config: Config,
  ms4: Ms4,
  metrics: SenderMetrics,
): { deaths: Task; workers: Task[] } {
  const ledger = new Ledger(redis, { prefix, shards });
  const inbound = shardQueues(queue, QUEUES.inbound, shards);
  const outbound = shardQueues(queue, QUEUES.outbound, shards);
  const directory = new MailboxDirectory(redis, { prefix });
  const watch = new SuspectWatch(systemClock);
  const tally = new TallyWriter(new TallyStore(redis, { prefix }), (err) =>
    logger.warn({ err }, 'mail not counted'),
  );
  app.defer('tally', () => tally.flush());
  const deliverBatch = createDeliverBatch({
    ...ms4,
    watch,
    payloads,
    version: config.MS4_CONTRACT_VERSION === '2' ? 2 : 1,
    ledger,
    readAgain: createReadAgain({
      tenantOf: async (mailboxId) => (await directory.get(mailboxId))?.tenantId,
      // As the worker gives them out.
      handOver: (entry, data, jobId) => {
        const own = inbound[shardOfMailbox(data.mailboxId, shards)];
        if (!own) throw new Error('inbound has no such shard');
        const payload = payloads.seal(jobId, data);
        (entry as BatchEntry).enqueue(own, JOBS.ingestMessage, payload, { jobId });
      },
    }),
    size: new LearntSize(config.MS4_SENDER_BATCH_BYTES_MAX, systemClock),
    clock: systemClock,
    onDelivered: (passage) => {
      metrics.delivered(passage);
      tally.delivered({ ...passage, mailboxId: passage.mailbox });
    },
    onDead: (mailboxId) => tally.count(mailboxId, 'dead'),
    tellAttempts: createTellAttempts(logger, 'deliver message'),
  });
  const progress = new Progress({
    done: 'delivered',
    look: () => readWaitingWork(outbound, async () => (await ledger.totals()).delivered),
  });
  app.check('progress', () => progress.assert());
  app.check('payload key', () => payloads.assertKnown());
  const tellProgress = createTellProgress(progress, watch);
  const size = new AdaptiveSize({
    size: config.MS4_SENDER_BATCH_SIZE,
    sizeMax: BATCH_SIZE_MAX,
    quickMs: config.MS4_TIMEOUT_MS / 10,
    pinned: config.MS4_SENDER_BATCH_SIZE_PINNED,
  });
  let refusedBy: Error | null = null;
  app.check('ms4 credentials', () => {
    if (refusedBy) throw refusedBy;
  });
  const deliver = async (batch: DeliveryBatch, signal: AbortSignal): Promise<void> => {
    const began = performance.now();
    const delivery = await progress.during(() => deliverBatch(batch, signal));
    tellProgress(delivery);
    metrics.batch(delivery);
    const { pausedBy, ...counts } = delivery;
    const report = { ...counts, durationMs: Math.round(performance.now() - began) };
    refusedBy = pausedBy instanceof Ms4AuthError ? pausedBy : null;
    if (refusedBy) await Promise.all(senders.map((sender) => sender.stop()));
    size.observe(report);
    for (const worker of workers) worker.resize(size.current(), size.enough());
    annotate(
      { 'messaging.batch.message_count': report.records, 'ms1.ms4.batch_id': report.batchId },
      pausedBy?.name,
    );
    if (pausedBy) logger.warn({ ...report, err: pausedBy }, 'delivery paused');
    else logger.info(report, 'batch delivered');
  };
  const budget = new BatchBudget(config.MS4_SENDER_CONCURRENCY);
  const workers = inbound.map((before): BatchWorker => {
    const holdPartial = createPartialHold({
      enough: () => size.enough(),
      waitMsMax: config.MS4_SENDER_BATCH_WAIT_MS_MAX,
      comingCount: () => before.getJobCountByTypes('wait', 'prioritized', 'active'),
      clock: systemClock,
    });
    return new BatchWorker(
      QUEUES.outbound,
      async (batch, signal) => {
        // It waits for more on purpose, and not for long.
        if (await holdPartial(batch)) return progress.made();
        const keys = () => batch.entries.flatMap(({ job }) => keyOfJobId(job.id ?? '') ?? []);
        await inBatch('deliver batch', keys, () => deliver(batch, signal));
      },
      {
        connection: redis,
        prefix: before.opts.prefix ?? prefix,
        autorun: false,
        lockDuration: config.MS4_SENDER_LOCK_MS,
        stalledInterval: Math.ceil(config.MS4_SENDER_LOCK_MS / 3),
        batch: {
          size: config.MS4_SENDER_BATCH_SIZE,
          minSize: config.MS4_SENDER_BATCH_SIZE,
          // A shard gets a part of the records, and as much longer are the pauses between them.
          idle: Math.min(
            config.MS4_SENDER_BATCH_WAIT_MS * shards,
            config.MS4_SENDER_BATCH_WAIT_MS_MAX,
          ),
          timeout: config.MS4_SENDER_BATCH_WAIT_MS_MAX,
          budget,
          // A record alone takes three attempts at MS4, each after a turn of 5 s and a pause of 2 s: longer hangs.
          deadline: 60_000 + 4 * config.MS4_TIMEOUT_MS,
          // What is still in flight then is aborted and its jobs go back, in time for the connections to close.
          closeTimeout: Math.floor(config.SHUTDOWN_TIMEOUT_MS * 0.8),
          // Nobody listens to the queues' event streams, nothing writes logs of jobs: the ledger tells where a message is.
          lean: true,
        },
      },
    );
  });
  const deaths = createDeathWatch({
    queues: outbound,
    ledger,
    onError: (err) => logger.warn({ err }, 'dead letters not written to the ledger'),
  });
  for (const worker of workers) {
    worker.on('failed', deaths.soon);
    worker.on('error', (err) => logger.error({ err }, 'worker'));
  }
  const senders = workers.map((worker) => createSenderRun(worker, redis, CREDENTIALS_REST_MS));
  return { deaths: deaths.task, workers: senders.map(({ task }) => task) };
}
