import { BatchBudget, type BatchProcessor, BatchWorker } from '@ms1/bullmq-batch';
import { type IngestMessage, keyOfJobId, QUEUES, shardPrefixes } from '@ms1/contracts';
import { RefusalStore } from '@ms1/coordination';
import type { GraphClients } from '@ms1/graph-client';
import { KnownSenders, Ledger, LookupIndex, MessageLinks } from '@ms1/ledger';
import { RulesTestStore, TallyStore, TallyWriter, type WatchedDirectory } from '@ms1/mailboxes';
import { createTellAttempts, type FleetProcess } from '@ms1/process';
import { createDeathWatch, readWaitingWork, runWorker, shardQueues } from '@ms1/queue';
import { failpoint, Progress, systemClock, type Task } from '@ms1/runtime';
import { annotate, inBatch } from '@ms1/tracing';
import type { z } from 'zod';

import type { Config } from './config.ts';
import { indexRecords } from './index-records.ts';
import { linkMessages } from './link-messages.ts';
import { createPrepareBatch } from './prepare-batch.ts';
import { createPreparedRecorder } from './prepared-recorder.ts';
import { createProcessorMetrics } from './processor-metrics.ts';
import { MailReader } from './reading/mail-reader.ts';
import { answerTests } from './rules-tests/answer-tests.ts';
import { tellProgress } from './tell-progress.ts';

export interface PreparingOptions {
  config: z.infer<typeof Config>;
  graph: GraphClients;
  mailboxes: Pick<WatchedDirectory, 'current'>;
}

/** Wires the way from `inbound` to `outbound`, in batches. */
export function wirePreparing(
  { app, logger, redis, prefix, shards, payloads, queue }: FleetProcess,
  { config, graph, mailboxes }: PreparingOptions,
): { deaths: Task; rulesTests: Task; workers: Task[] } {
  const ledger = new Ledger(redis, { prefix, shards });
  const refusals = new RefusalStore(redis, { prefix, shards });
  const outbound = shardQueues<object>(queue, QUEUES.outbound, shards);
  const inbound = shardQueues<IngestMessage>(queue, QUEUES.inbound, shards);
  const tally = new TallyWriter(new TallyStore(redis, { prefix }), (err) =>
    logger.warn({ err }, 'mail not counted'),
  );
  app.defer('tally', () => tally.flush());
  const reader = new MailReader({
    graph: graph.expanded,
    clock: systemClock,
    authservIds: config.PROCESSOR_AUTHSERV_IDS,
  });
  const prepareBatch = createPrepareBatch({
    reader,
    // Of what the headers say an MS4 of version 1 is told nothing.
    allHeaders: config.MS4_CONTRACT_VERSION === '2',
    ledger,
    refusals,
    rulesOf: (mailboxId) => mailboxes.current.rulesOf(mailboxId),
    stateOf: ({ tenantId, mailboxId }) => {
      const entry = mailboxes.current.get(mailboxId);
      return entry?.tenantId === tenantId ? entry.state : undefined;
    },
    ...(config.LOOKUP_KEY && {
      beforeThem: linkMessages(
        new MessageLinks(redis, { prefix, shards, secret: config.LOOKUP_KEY }),
        new KnownSenders(redis, { prefix, shards, secret: config.LOOKUP_KEY }),
        (err) => logger.warn({ err }, 'mail not linked'),
      ),
      index: indexRecords(
        new LookupIndex(redis, { prefix, shards, secret: config.LOOKUP_KEY }),
        (err) => logger.warn({ err }, 'mail not indexed'),
      ),
    }),
    payloads,
    outbound,
    tally,
    tellAttempts: createTellAttempts(logger, 'prepare message'),
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
  app.check('payload key', () => payloads.assertKnown());
  const prepare: BatchProcessor<IngestMessage> = async (batch, signal) => {
    const began = performance.now();
    const outcome = await progress.during(() => prepareBatch(batch, signal));
    tellProgress(progress, outcome);
    countBatch(outcome);
    const { pausedBy, ...counts } = outcome;
    const report = { ...counts, durationMs: Math.round(performance.now() - began) };
    annotate({ 'messaging.batch.message_count': report.messages }, pausedBy?.name);
    if (pausedBy) logger.warn({ ...report, err: pausedBy }, 'preparation paused');
    else logger.info(report, 'batch prepared');
    await failpoint('processor:before-settle');
  };
  const process: BatchProcessor<IngestMessage> = (batch, signal) =>
    inBatch(
      'prepare batch',
      () => batch.entries.flatMap(({ job }) => keyOfJobId(job.id ?? '') ?? []),
      async () => prepare(batch, signal),
    );
  // One place is for what goes first, or a mailbox that floods holds them all.
  const budget = new BatchBudget(config.PROCESSOR_CONCURRENCY, true);
  const workers = shardPrefixes(prefix, shards).map(
    (own) =>
      new BatchWorker<IngestMessage>(QUEUES.inbound, process, {
        connection: redis,
        prefix: own,
        autorun: false,
        batch: {
          size: config.PROCESSOR_BATCH_SIZE,
          budget,
          // Announced messages come one by one: 50 ms gather those that came together into one $batch.
          minSize: config.PROCESSOR_BATCH_SIZE,
          idle: 50,
          timeout: 250,
          // Seven calls at most, each after a turn of 10 s: two pages, the message with its files and once more, the message,
          // its files and what is behind them. Longer hangs.
          deadline: 7 * (config.GRAPH_TIMEOUT_MS + 10_000),
          // What is still in hand then is aborted and goes back, in time for the connections to close.
          closeTimeout: Math.floor(config.SHUTDOWN_TIMEOUT_MS * 0.8),
          // Nobody listens to the queues' event streams, nothing writes logs of jobs: the ledger tells where a message is.
          lean: true,
        },
      }),
  );
  const recorder = createPreparedRecorder({
    ledger,
    clock: systemClock,
    onError: (err) => logger.error({ err }, 'prepared messages not recorded'),
  });
  app.defer('prepared messages', () => recorder.flush());
  const deaths = createDeathWatch({
    queues: inbound,
    ledger,
    onError: (err) => logger.warn({ err }, 'dead letters not written to the ledger'),
  });
  for (const worker of workers) {
    worker.on('completed', (job) => recorder.completed(job));
    worker.on('failed', deaths.soon);
    worker.on('error', (err) => logger.error({ err }, 'worker'));
  }
  const rulesTests = answerTests({
    tests: new RulesTestStore(redis, { prefix }),
    mailboxes,
    folders: graph.folders,
    reader,
    ledger,
    clock: systemClock,
    onError: (err) => logger.warn({ err }, 'rules not tested'),
  });
  const running = workers.map((worker) => runWorker(worker, redis));
  return { deaths: deaths.task, rulesTests, workers: running };
}
