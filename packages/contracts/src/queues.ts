/** The queues between the stages. BullMQ queue names: kebab-case, never a `:`. */
export const QUEUES = {
  polling: 'polling',
  inbound: 'inbound',
  outbound: 'outbound',
} as const;

export type QueueName = (typeof QUEUES)[keyof typeof QUEUES];

/** Job names. They never change: a rename would orphan every waiting job of the old name. */
export const JOBS = {
  pollFolder: 'poll-folder',
  pollRound: 'poll-round',
  renewSubscriptions: 'renew-subscriptions',
  scanSession: 'scan-session',
  auditWindow: 'audit-window',
  stripLetters: 'strip-letters',
  ingestMessage: 'ingest-message',
  deliverRecord: 'deliver-record',
} as const;

/**
 * Prefix of every Redis key, BullMQ's and ours. The braces are a Redis Cluster hash tag: all keys of
 * a pipeline share one slot, so that one script can hand a job from one queue to the next.
 */
export const DEFAULT_KEY_PREFIX = '{ms1}';
