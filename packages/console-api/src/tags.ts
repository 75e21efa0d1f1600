/** The chapters of the reference, in its order. */
export const TAGS = {
  status: 'What the service is doing, and with what',
  mailboxes: 'Which mailboxes are read; a change takes effect without a restart',
  queues: 'What waits, and whether it is taken',
  messages: 'Where one message is',
  sessions: 'Named, bounded pieces of work with a report',
  audits: 'Comparisons of mailboxes with the ledger',
  'dead letters': 'What failed for good, by cause',
  operations: 'Replays, discards and put-backs of many messages, at a bounded rate',
  'personal data': 'Removing what is stored about somebody',
  actions: 'What operators did',
  reference: 'This document',
} as const;

export type Tag = keyof typeof TAGS;
