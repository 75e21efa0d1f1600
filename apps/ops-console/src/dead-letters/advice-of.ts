import { QUEUES, type QueueName } from '@ms1/contracts';

const ADVICE: [cause: RegExp, advice: string][] = [
  [
    /^payload_invalid$/,
    'The job could not be read: it was changed, or sealed for another message. Replay it once; if it dies again, discard it and have an audit put it back.',
  ],
  [
    /^mailbox_unknown$/,
    'Nobody has added its mailbox. Add it, then replay; discard it if the mailbox is not to be read.',
  ],
  [
    /^(?:ms4_)?key_conflict$/,
    'MS4 knows the idempotency key with another body (409). Replay it: it goes out in another batch. If it comes back, ask whoever runs MS4.',
  ],
  [
    /^(?:too_large|ms4_413)$/,
    'MS4 takes no record of this size (413). Have its limit raised above 64 KB, then replay.',
  ],
  [
    /^(?:ms4_401|ms4_403)$/,
    'MS4 refuses this record, though our credentials are good: a firewall before it may dislike its text. Have it let through, then replay.',
  ],
  [
    /^(?:ms4_no_answer|ms4_timeout)$/,
    'MS4 answers others, and not to this record: it may hang or die of it. Show its key to whoever runs MS4, then replay.',
  ],
  [
    /^ms4_5\d\d$/,
    'MS4 fails on this record with this status, while it takes others. Show its key to whoever runs MS4, then replay.',
  ],
  [
    /^ms4_4\d\d$/,
    'MS4 refuses this record with this status and does not say why. Show its key to whoever runs MS4, then replay or discard.',
  ],
  [
    /^attempts_exhausted$/,
    'It failed eight times for a reason that may have passed. Replay it; the log says of each attempt why.',
  ],
  [
    /^job stalled/,
    'Each process that took it ended or hung. Look for restarts in the log, and at its message, before you replay it.',
  ],
  [
    /^(?:unknown|other)$/,
    'The reason is not in words that may be shown to everybody. Bull Board shows it to the role that may see personal data.',
  ],
];

const OF_MS4 =
  'MS4 judged that it will never store this record, with its own code. Mend what it names, then replay or discard.';
const OF_GRAPH =
  'Graph refuses this message for good, with its own code. Open it in the mailbox; replay it once it can be read there.';

/** What a cause means and what can be done, for people who have not read the code. */
export function adviceOf(stage: QueueName, cause: string): string {
  const known = ADVICE.find(([fitting]) => fitting.test(cause))?.[1];
  return known ?? (stage === QUEUES.outbound ? OF_MS4 : OF_GRAPH);
}
