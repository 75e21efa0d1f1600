export { type AskedJob, askOnce } from './ask-once.ts';
export { atStart } from './at-start.ts';
export { closeRedis } from './close-redis.ts';
export {
  type ConnectRedisOptions,
  connectRedis,
  type RedisRole,
} from './connect-redis.ts';
export { type CreateQueueOptions, createQueue, JOB_DEFAULTS } from './create-queue.ts';
export {
  type CreateWorkerOptions,
  createWorker,
  type TakenJob,
  WORKER_DEFAULTS,
} from './create-worker.ts';
export { DeadLetterError } from './dead-letter-error.ts';
export {
  type DeadLetter,
  type DeadLetterFilter,
  type DeadLetterGroup,
  DeadLetters,
  type LetterPosition,
  type Retried,
} from './dead-letters/dead-letters.ts';
export { createDeathWatch, type DeathWatch } from './dead-letters/death-watch.ts';
export { shownReason } from './dead-letters/shown-reason.ts';
export { createDurableAdd, type DurableAdd } from './durable-add.ts';
export { type EnqueueRefusal, EnqueueRefusedError } from './enqueue-refused-error.ts';
export {
  createInboundProducer,
  type InboundLedger,
  type InboundProducer,
  type Noticed,
} from './inbound-producer.ts';
export {
  createJobLocator,
  type JobPlace,
  type LocateJobs,
  removeStranded,
} from './job-locator.ts';
export { CancelError, SnoozeError } from './outcome.ts';
export { type QueueDepth, readQueueDepths } from './read-queue-depths.ts';
export { readWaitingWork } from './read-waiting-work.ts';
export { createRedisCheck, type RedisCheckOptions } from './redis-check.ts';
export { RedisEvictsError, type RedisServerFacts, readServerFacts } from './redis-server-facts.ts';
export { RedisUnavailableError } from './redis-unavailable-error.ts';
export { type RunnableWorker, runWorker } from './run-worker.ts';
export { type PayloadKey, payloadConfig, payloadKey } from './sealing/payload-keys.ts';
export { PayloadSealer } from './sealing/payload-sealer.ts';
export { type Schedule, syncSchedulers } from './sync-schedulers.ts';
export { createParkedWaker, type ParkedWakerOptions } from './wake-parked.ts';
