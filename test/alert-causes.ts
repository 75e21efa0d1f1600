/** Series of a fleet that is well, as promtool reads them: for seven hours, a point a minute. */
export type Series = Readonly<Record<string, string>>;

export const MINUTES = 420;

const always = (value: number): string => `${value}x${MINUTES}`;
const growing = (aMinute: number): string => `0+${aMinute}x${MINUTES}`;
/** It grows from the sixth hour on. */
const growingLately = (aMinute: number): string => `0x359 0+${aMinute}x60`;
/** It is so from the sixth hour on. */
const lately = (before: number, after: number): string => `${before}x359 ${after}x60`;

/** Each third minute, and 0 between. */
const seldom = (value: number): string =>
  Array.from({ length: MINUTES + 1 }, (_, at) => (at % 3 === 0 ? value : 0)).join(' ');

const APPS = ['ingest-api', 'poller', 'processor', 'ms4-sender', 'ops-console'];

/** @param late of 600 messages a minute */
const ages = (late: string, all: string): Series => ({
  'ms1_message_age_seconds_bucket{source="poll",le="60"}': late,
  'ms1_message_age_seconds_count{source="poll"}': all,
  // What a session brings in is old, and nobody is late for it.
  'ms1_message_age_seconds_bucket{source="backfill",le="60"}': always(0),
  'ms1_message_age_seconds_count{source="backfill"}': growing(600),
});

const answers = (quick: number): Series => ({
  'ms1_ingest_answer_duration_seconds_bucket{status="202",le="2"}': growing(quick),
  'ms1_ingest_answer_duration_seconds_bucket{status="202",le="2.5"}': growing(100),
  'ms1_ingest_answer_duration_seconds_bucket{status="202",le="+Inf"}': growing(100),
});

export const WELL: Series = {
  ...ages(growing(598), growing(600)),
  ...answers(100),
  'ms1_queue_oldest_seconds{queue="polling"}': always(600),
  'ms1_queue_oldest_seconds{queue="inbound"}': always(1),
  'ms1_queue_oldest_seconds{queue="outbound"}': always(0),
  'ms1_queue_paused{queue="inbound"}': always(0),
  'ms1_queue_jobs{queue="inbound",state="failed"}': always(3),
  'ms1_queue_jobs{queue="outbound",state="failed"}': always(40),
  'ms1_ms4_gate{state="open"}': always(1),
  'ms1_ms4_gate{state="tripped"}': always(0),
  'ms1_sender_pauses_total{cause="ms4_auth"}': always(0),
  'ms1_mailboxes{state="listed"}': always(500),
  'ms1_mailboxes{state="stale"}': always(0),
  'ms1_mailboxes{state="held"}': always(0),
  'ms1_graph_window_used_ratio{instance="a"}': always(0.4),
  'ms1_poller_push_changes_total{change="silent"}': always(7),
  'ms1_poller_push_changes_total{change="recovered"}': growing(1),
  'ms1_credentials_expire_seconds{credential="graph"}': always(2_592_000),
  ms1_subscriptions_left_ratio: always(0.6),
  'ms1_ingest_shed_total{limit="rate"}': always(0),
  'ms1_poller_audited_messages_total{verdict="unexplained"}': always(2),
  'ms1_poller_audited_messages_total{verdict="delivered"}': growing(600),
  ms1_dead_letters_oldest_seconds: always(600),
  ...Object.fromEntries(
    APPS.flatMap((app) => [
      [`ms1_processes{app="${app}",state="ready"}`, always(2)],
      [`ms1_processes{app="${app}",state="impaired"}`, always(0)],
      [`ms1_processes{app="${app}",state="unready"}`, always(0)],
    ]),
  ),
  'ms1_redis_memory_bytes{instance="a",kind="used"}': always(300),
  'ms1_redis_memory_bytes{instance="a",kind="max"}': always(1_000),
  'ms1_redis_persistent{check="configured"}': always(1),
  'ms1_redis_persistent{check="last_write"}': always(1),
  'ms1_clock_ahead_seconds{instance="a"}': always(0.01),
  'nodejs_eventloop_lag_p99_seconds{instance="a"}': always(0.02),
  'ms1_replicas_wanted{role="processor"}': always(2),
};

export interface AlertCause {
  about: string;
  /** in place of those of a fleet that is well; null: not there */
  series: Readonly<Record<string, string | null>>;
  /** all that fire at the end, and no other */
  fires: readonly string[];
}

/** What makes each alert fire, and what is close to it and must not. */
export const CAUSES: readonly AlertCause[] = [
  { about: 'all is well', series: {}, fires: [] },
  {
    about: 'a fifth of the mail is late for an hour, which six hours feel too',
    series: ages('0+598x359 214682+480x60', growing(600)),
    fires: ['Ms1FreshnessBudgetBurnsFast'],
  },
  {
    about: 'a tenth of the mail is late for hours',
    series: ages(growing(540), growing(600)),
    fires: ['Ms1FreshnessBudgetBurns'],
  },
  {
    about: 'nothing is delivered at all',
    series: {
      ...ages('0+598x359 214682x60', '0+600x359 215400x60'),
      'ms1_queue_oldest_seconds{queue="outbound"}': '0x359 0+60x60',
    },
    fires: ['Ms1MailWaits'],
  },
  {
    about: 'a queue is paused for good',
    series: { 'ms1_queue_paused{queue="inbound"}': lately(0, 1) },
    fires: ['Ms1QueuePaused'],
  },
  {
    about: 'MS4 is down',
    series: {
      'ms1_ms4_gate{state="open"}': lately(1, 0),
      'ms1_ms4_gate{state="tripped"}': lately(0, 1),
    },
    fires: ['Ms1Ms4Down'],
  },
  {
    about: 'MS4 refuses our credentials',
    series: { 'ms1_sender_pauses_total{cause="ms4_auth"}': growingLately(1) },
    fires: ['Ms1CredentialRefused'],
  },
  {
    about: 'three mailboxes are not walked',
    series: { 'ms1_mailboxes{state="stale"}': lately(0, 3) },
    fires: ['Ms1MailboxesStale'],
  },
  {
    about: 'Graph throttles a mailbox for an hour, which the only two pollers say',
    series: {
      'ms1_mailboxes{state="held"}': lately(0, 1),
      'ms1_processes{app="poller",state="ready"}': lately(2, 0),
      'ms1_processes{app="poller",state="impaired"}': lately(0, 2),
    },
    fires: ['Ms1MailboxesHeld'],
  },
  {
    about: 'a mailbox floods',
    series: { 'ms1_graph_window_used_ratio{instance="a"}': seldom(0.95) },
    fires: ['Ms1GraphQuotaNearlyUsed'],
  },
  {
    about: 'notifications stop',
    series: { 'ms1_poller_push_changes_total{change="silent"}': `7x410 17x9` },
    fires: ['Ms1NotificationsMissing'],
  },
  {
    about: 'a subscription is not renewed',
    series: { ms1_subscriptions_left_ratio: `0.6-0.001x${MINUTES}` },
    fires: ['Ms1SubscriptionExpires'],
  },
  {
    about: 'the certificate for Graph ends in ten days',
    series: { 'ms1_credentials_expire_seconds{credential="graph"}': '864000-60x420' },
    fires: ['Ms1CredentialExpires'],
  },
  {
    about: 'the webhook is slow for one in twenty',
    series: answers(95),
    fires: ['Ms1WebhookSlow'],
  },
  {
    about: 'somebody floods the webhook',
    series: { 'ms1_ingest_shed_total{limit="rate"}': growing(600) },
    fires: ['Ms1WebhookSheds'],
  },
  {
    about: 'an audit finds what nothing accounts for',
    series: { 'ms1_poller_audited_messages_total{verdict="unexplained"}': '2x400 3x19' },
    fires: ['Ms1MailUnexplained'],
  },
  {
    about: 'nobody looks after a dead letter',
    series: { ms1_dead_letters_oldest_seconds: growing(60) },
    fires: ['Ms1DeadLettersAge'],
  },
  {
    about: 'a poison comes in many messages',
    series: { 'ms1_queue_jobs{queue="outbound",state="failed"}': '40x414 90x5' },
    fires: ['Ms1DeadLettersGrow'],
  },
  {
    about: 'no poller is left',
    series: {
      'ms1_processes{app="poller",state="ready"}': '2x359 _x60',
      'ms1_processes{app="poller",state="impaired"}': '0x359 _x60',
      'ms1_processes{app="poller",state="unready"}': '0x359 _x60',
    },
    fires: ['Ms1RoleMissing'],
  },
  {
    about: 'every sender is wedged',
    series: {
      'ms1_processes{app="ms4-sender",state="ready"}': lately(2, 0),
      'ms1_processes{app="ms4-sender",state="unready"}': lately(0, 2),
    },
    fires: ['Ms1ProcessNotReady', 'Ms1RoleMissing'],
  },
  {
    about: 'no console is left',
    series: {
      'ms1_queue_jobs{queue="inbound",state="failed"}': '3x359 _x60',
      'ms1_queue_jobs{queue="outbound",state="failed"}': '40x359 _x60',
      ...Object.fromEntries(
        APPS.flatMap((app) => [
          [`ms1_processes{app="${app}",state="ready"}`, '2x359 _x60'],
          [`ms1_processes{app="${app}",state="impaired"}`, '0x359 _x60'],
          [`ms1_processes{app="${app}",state="unready"}`, '0x359 _x60'],
        ]),
      ),
    },
    fires: ['Ms1ConsoleMissing'],
  },
  {
    about: 'Redis fills',
    series: { 'ms1_redis_memory_bytes{instance="a",kind="used"}': lately(300, 800) },
    fires: ['Ms1RedisNearlyFull'],
  },
  {
    about: 'Redis has no limit to fill',
    series: {
      'ms1_redis_memory_bytes{instance="a",kind="used"}': always(800),
      'ms1_redis_memory_bytes{instance="a",kind="max"}': always(0),
    },
    fires: [],
  },
  {
    about: 'Redis cannot write its disk',
    series: { 'ms1_redis_persistent{check="last_write"}': lately(1, 0) },
    fires: ['Ms1RedisNotPersistent'],
  },
  {
    about: 'a clock is behind',
    series: { 'ms1_clock_ahead_seconds{instance="a"}': lately(0, -90) },
    fires: ['Ms1ClockSkew'],
  },
  {
    about: 'a process has too little CPU',
    series: { 'nodejs_eventloop_lag_p99_seconds{instance="a"}': lately(0.02, 3) },
    fires: ['Ms1EventLoopBlocked'],
  },
  {
    about: 'four processors would help and two are there',
    series: { 'ms1_replicas_wanted{role="processor"}': lately(2, 4) },
    fires: ['Ms1MoreReplicasWouldHelp'],
  },
  {
    about: 'a restart: one of two is not ready for two minutes',
    series: {
      'ms1_processes{app="processor",state="ready"}': '2x416 1x3',
      'ms1_processes{app="processor",state="unready"}': '0x416 1x3',
    },
    fires: [],
  },
];
