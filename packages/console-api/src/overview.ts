import { z } from 'zod';

import { OnTime } from './on-time.ts';

const Count = z.number().int().min(0);
/** per second; null until two looks are there to compare */
const PerSecond = z.number().min(0).nullable();
const Moment = z.iso.datetime();
const Stage = z.enum(['polling', 'inbound', 'outbound']);

const StateCounts = z.object({
  queued: Count,
  prepared: Count,
  delivered: Count,
  skipped: Count,
  dead: Count,
});

/**
 * Something that an operator should look at.
 *
 * stopped    mail waits, and does not go on by itself
 * attention  mail flows, or will by itself, and something is not as it should be
 */
export const Concern = z.object({
  level: z.enum(['stopped', 'attention']),
  code: z.enum([
    'queue_paused',
    'queue_gated',
    'queue_stuck',
    'queue_slow',
    'ms4_down',
    'ms4_holds',
    'dead_letters',
    'mailboxes_stale',
    'mailboxes_held',
    'not_ready',
    'store_reset',
    'credential_ends',
  ]),
  /** one sentence for people */
  text: z.string(),
});
export type Concern = z.infer<typeof Concern>;

const QueueView = z.object({
  name: Stage,
  waiting: Count,
  active: Count,
  delayed: Count,
  failed: Count,
  paused: z.boolean(),
  /** seconds for which nobody may take a job; 0: now */
  gatedForSeconds: z.number().min(0),
  /** how long the next one to be taken has waited; null while none waits */
  oldestSeconds: z.number().min(0).nullable(),
});

export const SessionView = z.object({
  id: z.string(),
  name: z.string(),
  status: z.enum(['open', 'closing', 'finished', 'incomplete', 'cancelled']),
  paused: z.boolean(),
  /** how many mailboxes it is of */
  mailboxes: Count,
  from: z.string().nullable(),
  to: z.string().nullable(),
  createdAt: Moment,
  finishedAt: Moment.nullable(),
  counts: StateCounts,
  found: Count,
  scans: z.object({ done: Count, total: Count }),
  rate: z.object({
    perSecond: z.number().min(0),
    etaSeconds: z.number().min(0).nullable(),
    limitedBy: z.enum(['graph', 'pipeline']).nullable(),
  }),
});
export type SessionView = z.infer<typeof SessionView>;

export const CauseView = z.object({
  fingerprint: z.string(),
  stage: Stage,
  cause: z.string(),
  count: Count,
  firstAt: Moment,
  lastAt: Moment,
  /** message key of one of them */
  sample: z.string(),
});
export type CauseView = z.infer<typeof CauseView>;

const Wanted = z.object({
  replicas: z.int().min(1).meta({ description: 'replicas that would help with what waits' }),
  limitedBy: z
    .enum(['work', 'graph', 'ms4', 'paused'])
    .meta({ description: 'what keeps more from helping; work: nothing more waits' }),
});

export const MailboxView = z.object({
  id: z.string(),
  label: z.string(),
  /** when the folder that was walked least recently was walked to its end; null: one of them was not within a day */
  walkedAt: Moment.nullable(),
  /** new mail of the last hour by who told of it first; late: seconds from received to noticed, the mean of the announced */
  push: z.object({
    announced: Count,
    unannounced: Count,
    lateSeconds: z.number().min(0).nullable(),
  }),
  /** nothing new is noticed in it, because somebody said so */
  paused: z.boolean(),
  stale: z.boolean(),
  /** Graph does not give its attachments by the page: each message costs a request */
  readSingly: z.boolean(),
  onTime: OnTime,
});
export type MailboxView = z.infer<typeof MailboxView>;

/** A mailbox that Graph refuses calls to for a while. */
export const HeldMailbox = z.object({
  id: z.string(),
  label: z.string(),
  reason: z.enum(['throttled', 'unavailable']),
  since: Moment,
  /** it is asked again then */
  until: Moment,
});
export type HeldMailbox = z.infer<typeof HeldMailbox>;

/** The service in one look: what `/api/overview` answers, and every event of `/api/events` holds. */
export const Overview = z
  .object({
    at: Moment,
    /** stopped, attention: the worst of the concerns; quiet: nothing to do; flowing: mail moves */
    verdict: z.enum(['flowing', 'quiet', 'attention', 'stopped']),
    /** the verdict in words for people; the page, the command line and whoever asks the API say the same */
    headline: z.string(),
    concerns: z.array(Concern),
    rates: z.object({ noticed: PerSecond, prepared: PerSecond, delivered: PerSecond }),
    /** the last three minutes, oldest first: epoch seconds, noticed and delivered per second */
    history: z.array(z.tuple([z.number(), z.number(), z.number()])),
    totals: StateCounts,
    queues: z.array(QueueView),
    ms4: z.object({
      gate: z.enum(['open', 'held', 'tripped', 'probing', 'ramping']),
      forSeconds: z.number().min(0),
    }),
    /** of all mailboxes: delivered within a minute of their arrival, by day in UTC */
    onTime: OnTime,
    /** for an autoscaler */
    scaling: z.object({ processor: Wanted, 'ms4-sender': Wanted }),
    /** those that are not finished, then the latest */
    sessions: z.array(SessionView),
    deadLetters: z.object({
      total: Count,
      /** of groups that somebody has put off until later */
      snoozed: Count,
      /** the most frequent first, at most 20 */
      causes: z.array(CauseView),
      causesTotal: Count,
      /** since when the oldest of all of them is dead; null without any */
      oldestAt: Moment.nullable(),
      /** letters come and go between looks; the total is newer */
      asOf: Moment,
    }),
    mailboxes: z.object({
      total: Count,
      stale: Count,
      /** those that are held for longer than a moment, at most 50 */
      held: z.array(HeldMailbox),
      heldTotal: Count,
      /** the ones walked least recently first, at most 50 */
      longestAgo: z.array(MailboxView),
      asOf: Moment,
    }),
  })
  .meta({ id: 'Overview' });
export type Overview = z.infer<typeof Overview>;
