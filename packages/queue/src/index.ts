export { type AskedJob, askOnce } from './ask-once.ts';
export { atStart } from './at-start.ts';
export { createQueue, JOB_DEFAULTS } from './create-queue.ts';
export { createWorker, type TakenJob } from './create-worker.ts';
export { DeadLetterError } from './dead-letter-error.ts';
export {
  type DeadLetter,
  type DeadLetterGroup,
  DeadLetters,
} from './dead-letters/dead-letters.ts';
export { createDeathWatch } from './dead-letters/death-watch.ts';
export { shownReason } from './dead-letters/shown-reason.ts';
export { createDurableAdd } from './durable-add.ts';
export { endLostJob, isLostJob } from './end-lost-job.ts';
export { isRedisTrouble } from './enqueue-refused-error.ts';
export { InboundProducer } from './inbound-producer.ts';
export { createJobLocator, type LocateJobs, removeStranded } from './job-locator.ts';
export { moveJobs } from './move-jobs.ts';
export { CancelError, SnoozeError } from './outcome.ts';
export { JobStripper, type StoredJob } from './personal-data/job-stripper.ts';
export { rewriteJournal } from './personal-data/rewrite-journal.ts';
export { scanJobs } from './personal-data/scan-jobs.ts';
export { stripEvents } from './personal-data/strip-events.ts';
export {
  type StripReport,
  stripLetters,
} from './personal-data/strip-letters.ts';
export { strippedPayload } from './personal-data/strip-payload.ts';
export { type QueueDepth, readQueueDepths } from './read-queue-depths.ts';
export { readWaitingWork } from './read-waiting-work.ts';
export { runWorker } from './run-worker.ts';
export { type PayloadKey, payloadConfig, payloadKey } from './sealing/payload-keys.ts';
export { PayloadSealer } from './sealing/payload-sealer.ts';
export { shardQueues } from './shard-queues.ts';
export { syncSchedulers } from './sync-schedulers.ts';
export { createParkedWaker } from './wake-parked.ts';
export { watchWorker } from './watch-worker.ts';
