/**
 * The life of a message, in order. A message only moves forward; the last three are ends. Queued again is one that is
 * dead when an operator says so, and one that was skipped when it is there after all.
 *
 *     noticed ──► queued ──► prepared ──► delivered
 *                   │           └───────► dead
 *                   └──► skipped │ dead
 */
export const MESSAGE_STATES = ['queued', 'prepared', 'delivered', 'skipped', 'dead'] as const;

export type MessageState = (typeof MESSAGE_STATES)[number];

/** How many messages of a session are in each state. */
export type StateCounts = Record<MessageState, number>;
