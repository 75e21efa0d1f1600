/** The dashboards, and their files: `node ops/grafana/dashboards.ts` writes them. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderDashboard } from './render-dashboard.ts';

export interface Panel {
  title: string;
  /** what a person reads from it */
  about: string;
  /** Grafana's: short, s, percentunit, bytes, reqps */
  unit: string;
  /** PromQL by legend */
  shows: Readonly<Record<string, string>>;
  kind?: 'stat';
}

export interface Dashboard {
  /** of its file, and in its address */
  name: string;
  title: string;
  panels: readonly Panel[];
}

const quantile = (q: number, histogram: string, labels = ''): string =>
  `histogram_quantile(${q}, sum by (le) (rate(${histogram}_bucket${labels}[$__rate_interval])))`;
const rate = (counter: string, by = ''): string =>
  `sum${by === '' ? '' : ` by (${by})`} (rate(${counter}[$__rate_interval]))`;

export const DASHBOARDS: readonly Dashboard[] = [
  {
    name: 'fleet',
    title: 'ms1: the fleet',
    panels: [
      {
        title: 'Mail on time',
        about:
          'Share of the mail that was delivered within a minute of its arrival, in an hour; 99 % is the objective',
        unit: 'percentunit',
        kind: 'stat',
        shows: { 'on time': '1 - ms1:late_messages:ratio_rate1h' },
      },
      {
        title: 'Oldest in a queue',
        about: 'How long what is next has waited',
        unit: 's',
        shows: { '{{queue}}': 'max by (queue) (ms1_queue_oldest_seconds{queue!="polling"})' },
      },
      {
        title: 'Messages a second',
        about: 'Noticed, prepared and delivered: where they differ, something waits between',
        unit: 'short',
        shows: {
          noticed: rate('ms1_poller_messages_total{outcome="added"}'),
          prepared: rate('ms1_processor_messages_total{outcome="prepared"}'),
          delivered: rate('ms1_sender_records_total{outcome=~"stored|duplicates"}'),
        },
      },
      {
        title: 'Waiting',
        about: 'Jobs that nobody has taken yet',
        unit: 'short',
        shows: { '{{queue}}': 'max by (queue) (ms1_queue_jobs{state="waiting"})' },
      },
      {
        title: 'Processes that are ready',
        about: 'Of each role',
        unit: 'short',
        shows: { '{{app}}': 'max by (app) (ms1_processes{state="ready"})' },
      },
      {
        title: 'Replicas that would help',
        about: 'With what waits; more would wait for Graph or MS4 with the others',
        unit: 'short',
        shows: { '{{role}}': 'max by (role) (ms1_replicas_wanted)' },
      },
      {
        title: 'CPU',
        about: 'Cores that a process uses',
        unit: 'short',
        shows: { '{{role}} {{instance}}': 'rate(process_cpu_seconds_total[$__rate_interval])' },
      },
      {
        title: 'Event loop',
        about: 'How late a process is with its own work, at the 99th percentile',
        unit: 's',
        shows: { '{{role}} {{instance}}': 'nodejs_eventloop_lag_p99_seconds' },
      },
    ],
  },
  {
    name: 'mailboxes',
    title: 'ms1: mailboxes and notifications',
    panels: [
      {
        title: 'Mailboxes',
        about: 'Listed, not walked for five minutes, refused by Graph',
        unit: 'short',
        shows: { '{{state}}': 'max by (state) (ms1_mailboxes)' },
      },
      {
        title: 'Noticed first by',
        about: 'push: a notification told of it; walk: it did not, and polling found it',
        unit: 'short',
        shows: { '{{first}}': rate('ms1_poller_arrivals_total', 'first') },
      },
      {
        title: 'Received to noticed',
        about: 'Half, and all but one in twenty',
        unit: 's',
        shows: {
          half: quantile(0.5, 'ms1_message_stage_seconds', '{stage="noticed"}'),
          'all but one in twenty': quantile(0.95, 'ms1_message_stage_seconds', '{stage="noticed"}'),
        },
      },
      {
        title: 'Notifications',
        about: 'Items of POSTs by what they were',
        unit: 'short',
        shows: { '{{outcome}}': rate('ms1_ingest_notifications_total', 'outcome') },
      },
      {
        title: 'Answers of the webhook',
        about: 'Graph waits for 3 s',
        unit: 's',
        shows: {
          'all but one in a hundred': quantile(0.99, 'ms1_ingest_answer_duration_seconds'),
          half: quantile(0.5, 'ms1_ingest_answer_duration_seconds'),
        },
      },
      {
        title: 'First subscription ends in',
        about: 'They are renewed long before',
        unit: 's',
        kind: 'stat',
        shows: { left: 'min(ms1_subscriptions_expire_seconds)' },
      },
      {
        title: 'Credentials end in',
        about: 'Of those that end and whose date is known',
        unit: 's',
        shows: { '{{credential}}': 'min by (credential) (ms1_credentials_expire_seconds)' },
      },
      {
        title: 'Audited',
        about: 'Messages by verdict; unexplained is an alert',
        unit: 'short',
        shows: { '{{verdict}}': rate('ms1_poller_audited_messages_total', 'verdict') },
      },
    ],
  },
  {
    name: 'delivery',
    title: 'ms1: delivery to MS4',
    panels: [
      {
        title: 'Records',
        about: 'By what became of them',
        unit: 'short',
        shows: { '{{outcome}}': rate('ms1_sender_records_total', 'outcome') },
      },
      {
        title: 'Records in a batch',
        about: 'The mean; 500 to begin with',
        unit: 'short',
        shows: {
          records: `${rate('ms1_sender_batch_records_sum')} / ${rate('ms1_sender_batch_records_count')}`,
        },
      },
      {
        title: 'Requests to MS4',
        about: 'By how they ended',
        unit: 'reqps',
        shows: { '{{outcome}}': rate('ms1_ms4_request_duration_seconds_count', 'outcome') },
      },
      {
        title: 'MS4 takes',
        about: 'For an answer: half, and all but one in twenty',
        unit: 's',
        shows: {
          half: quantile(0.5, 'ms1_ms4_request_duration_seconds'),
          'all but one in twenty': quantile(0.95, 'ms1_ms4_request_duration_seconds'),
        },
      },
      {
        title: 'Gate',
        about: 'open: requests enter; tripped: the breaker is open for the whole fleet',
        unit: 'short',
        shows: { '{{state}}': 'max by (state) (ms1_ms4_gate)' },
      },
      {
        title: 'Received to delivered',
        about: 'Half, and all but one in a hundred, without the past of sessions',
        unit: 's',
        shows: {
          half: quantile(0.5, 'ms1_message_age_seconds', '{source!="backfill"}'),
          'all but one in a hundred': quantile(
            0.99,
            'ms1_message_age_seconds',
            '{source!="backfill"}',
          ),
        },
      },
      {
        title: 'Dead letters',
        about: 'By cause',
        unit: 'short',
        shows: { '{{queue}}: {{cause}}': 'max by (queue, cause) (ms1_dead_letters)' },
      },
      {
        title: 'Oldest dead letter',
        about: 'Somebody should have looked after it within a working morning',
        unit: 's',
        kind: 'stat',
        shows: { age: 'max(ms1_dead_letters_oldest_seconds)' },
      },
    ],
  },
  {
    name: 'graph',
    title: 'ms1: what Graph gives',
    panels: [
      {
        title: 'Fullest mailbox',
        about:
          'Share of the 10,000 requests in ten minutes that a mailbox has; at 1 its mail waits',
        unit: 'percentunit',
        shows: { used: 'max(max_over_time(ms1_graph_window_used_ratio[5m]))' },
      },
      {
        title: 'Requests',
        about: 'As Graph counts them, by what they were for',
        unit: 'reqps',
        shows: { '{{kind}}': rate('ms1_graph_quota_units_total', 'kind') },
      },
      {
        title: 'Requests a message',
        about: 'About 0.06 where mail comes in bursts, 1 where it comes one by one',
        unit: 'short',
        shows: {
          requests: `${rate('ms1_graph_quota_units_total')} / ${rate('ms1_processor_messages_total{outcome="prepared"}')}`,
        },
      },
      {
        title: 'Refused',
        about: 'Messages by the code of Graph; they come again',
        unit: 'short',
        shows: { '{{code}}': rate('ms1_graph_refusals_total', 'code') },
      },
      {
        title: 'Read message by message',
        about: 'Times that a mailbox was, because its pages did not list files',
        unit: 'short',
        shows: { '{{reason}}': 'sum by (reason) (increase(ms1_graph_expand_refusals_total[1h]))' },
      },
    ],
  },
  {
    name: 'redis',
    title: 'ms1: Redis',
    panels: [
      {
        title: 'Memory',
        about: 'From 85 % on no mail is taken',
        unit: 'bytes',
        shows: { '{{kind}}': 'max by (kind) (ms1_redis_memory_bytes)' },
      },
      {
        title: 'Persistent',
        about: '1: what it acknowledges survives a restart, and its last write worked',
        unit: 'short',
        shows: { '{{check}}': 'min by (check) (ms1_redis_persistent)' },
      },
      {
        title: 'Messages in the ledger',
        about: 'By state',
        unit: 'short',
        shows: { '{{state}}': 'max by (state) (ms1_ledger_messages)' },
      },
      {
        title: 'Clocks',
        about: 'How far each process is ahead of Redis',
        unit: 's',
        shows: { '{{role}} {{instance}}': 'ms1_clock_ahead_seconds' },
      },
    ],
  },
];

if (import.meta.main) {
  for (const dashboard of DASHBOARDS) {
    writeFileSync(join(import.meta.dirname, `${dashboard.name}.json`), renderDashboard(dashboard));
  }
}
