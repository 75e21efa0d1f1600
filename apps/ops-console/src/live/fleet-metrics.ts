import type { Overview } from '@ms1/console-api';
import type { ProcessRecord } from '@ms1/coordination';
import type { SubscriptionRecord } from '@ms1/mailboxes';
import type { RedisServerFacts } from '@ms1/redis';
import type { Clock } from '@ms1/runtime';
import { Gauge } from 'prom-client';

import { firstEnds } from './first-ends.ts';

export interface FleetMetricsSources {
  overview: () => Promise<Overview>;
  processes: () => Promise<readonly Pick<ProcessRecord, 'app' | 'unready' | 'credentials'>[]>;
  subscriptions: () => Promise<readonly Pick<SubscriptionRecord, 'expiresAt' | 'lifeMs'>[]>;
  redis: () => Promise<RedisServerFacts>;
  clock: Clock;
}

type Series = readonly [labels: Record<string, string>, value: number];

const GATES = ['open', 'held', 'tripped', 'probing', 'ramping'] as const;
const STATES = ['ready', 'impaired', 'unready'] as const;
const LIMITS = ['work', 'graph', 'ms4', 'paused'] as const;

/**
 * What is true of the fleet as a whole, read when Prometheus asks. Only consoles have it: where there are several, each
 * says the same, and rules take the greatest. Where Redis cannot be asked there is none of it rather than an old one.
 */
export function createFleetMetrics(sources: FleetMetricsSources): void {
  const { overview, clock } = sources;
  const gauge = <T>(
    name: string,
    help: string,
    labelNames: readonly string[],
    source: () => Promise<T>,
    read: (from: T) => Iterable<Series>,
  ): Gauge =>
    new Gauge({
      name,
      help,
      labelNames,
      async collect() {
        const from = await source().catch(() => null);
        this.reset();
        if (from !== null) for (const [labels, value] of read(from)) this.set(labels, value);
      },
    });
  const ofQueues =
    (read: (queue: Overview['queues'][number]) => number) =>
    ({ queues }: Overview): Series[] =>
      queues.map((queue) => [{ queue: queue.name }, read(queue)]);

  gauge('ms1_queue_jobs', 'Jobs of a queue by state', ['queue', 'state'], overview, (from) =>
    from.queues.flatMap(({ name: queue, waiting, active, delayed, failed }) =>
      Object.entries({ waiting, active, delayed, failed }).map(
        ([state, jobs]): Series => [{ queue, state }, jobs],
      ),
    ),
  );
  gauge(
    'ms1_queue_oldest_seconds',
    'How long the next job to be taken has waited; 0 while none waits',
    ['queue'],
    overview,
    ofQueues(({ oldestSeconds }) => oldestSeconds ?? 0),
  );
  gauge(
    'ms1_queue_held_seconds',
    'For how long nobody may take a job: a Retry-After, an open breaker, a used-up rate',
    ['queue'],
    overview,
    ofQueues(({ gatedForSeconds }) => gatedForSeconds),
  );
  gauge(
    'ms1_queue_paused',
    '1: somebody has paused the queue',
    ['queue'],
    overview,
    ofQueues(({ paused }) => (paused ? 1 : 0)),
  );
  gauge(
    'ms1_ledger_messages',
    'Messages that the ledger knows, by state',
    ['state'],
    overview,
    ({ totals }) => Object.entries(totals).map(([state, count]): Series => [{ state }, count]),
  );
  gauge(
    'ms1_mailboxes',
    'Mailboxes: all, those not walked for five minutes, those that Graph refuses calls to',
    ['state'],
    overview,
    ({ mailboxes: { total, stale, heldTotal } }) => [
      [{ state: 'listed' }, total],
      [{ state: 'stale' }, stale],
      [{ state: 'held' }, heldTotal],
    ],
  );
  gauge(
    'ms1_dead_letters',
    'Dead letters by cause, the 20 most frequent',
    ['queue', 'cause'],
    overview,
    ({ deadLetters }) =>
      deadLetters.causes.map(({ stage, cause, count }): Series => [{ queue: stage, cause }, count]),
  );
  gauge(
    'ms1_dead_letters_oldest_seconds',
    'Since when the oldest of them is dead; 0 without any',
    [],
    overview,
    ({ deadLetters: { oldestAt } }) => {
      const ms = oldestAt === null ? 0 : clock.now() - Date.parse(oldestAt);
      return [[{}, Math.max(0, ms) / 1_000]];
    },
  );
  gauge(
    'ms1_ms4_gate',
    '1 at the state that the gate of MS4 is in for the whole fleet; tripped: its breaker is open',
    ['state'],
    overview,
    ({ ms4 }) => GATES.map((state): Series => [{ state }, ms4.gate === state ? 1 : 0]),
  );
  gauge(
    'ms1_replicas_wanted',
    'Replicas that would help with what waits',
    ['role'],
    overview,
    ({ scaling }) =>
      Object.entries(scaling).map(([role, { replicas }]): Series => [{ role }, replicas]),
  );
  gauge(
    'ms1_replicas_limit',
    '1 at what keeps more replicas from helping; work: nothing more waits',
    ['role', 'limited_by'],
    overview,
    ({ scaling }) =>
      Object.entries(scaling).flatMap(([role, { limitedBy }]) =>
        LIMITS.map((by): Series => [{ role, limited_by: by }, by === limitedBy ? 1 : 0]),
      ),
  );
  gauge(
    'ms1_processes',
    'Processes that are alive, by whether they are ready; impaired: but for mailboxes that Graph refuses',
    ['app', 'state'],
    sources.processes,
    (processes) =>
      [...Map.groupBy(processes, ({ app }) => app)].flatMap(([app, all]) =>
        STATES.map(
          (state): Series => [{ app, state }, all.filter((one) => stateOf(one) === state).length],
        ),
      ),
  );
  gauge(
    'ms1_credentials_expire_seconds',
    'Until our credentials end: certificates by themselves, secrets as configured; none of what does not end, or nobody knows',
    ['credential'],
    sources.processes,
    (processes) =>
      [...firstEnds(processes)].map(
        ([credential, at]): Series => [{ credential }, (at - clock.now()) / 1_000],
      ),
  );
  gauge(
    'ms1_subscriptions_expire_seconds',
    'Until the first subscription expires; none without any',
    [],
    sources.subscriptions,
    (all) => least(all.map(({ expiresAt }) => (Date.parse(expiresAt) - clock.now()) / 1_000)),
  );
  gauge(
    'ms1_subscriptions_left_ratio',
    'Share of its life that is left to the subscription with the least; renewed at half',
    [],
    sources.subscriptions,
    (all) =>
      // Those of the first version do not say for how long they were granted.
      least(
        all.flatMap(({ expiresAt, lifeMs }) =>
          lifeMs ? [(Date.parse(expiresAt) - clock.now()) / lifeMs] : [],
        ),
      ),
  );
  gauge(
    'ms1_redis_memory_bytes',
    'Memory of Redis: used, and what it may use (0: no limit)',
    ['kind'],
    sources.redis,
    ({ usedMemoryBytes, maxMemoryBytes }) => [
      [{ kind: 'used' }, usedMemoryBytes],
      [{ kind: 'max' }, maxMemoryBytes],
    ],
  );
  gauge(
    'ms1_redis_persistent',
    'Whether what Redis acknowledges survives a restart, and whether its last write to disk worked',
    ['check'],
    sources.redis,
    ({ persistent, writesDisk }) => [
      [{ check: 'configured' }, persistent ? 1 : 0],
      [{ check: 'last_write' }, writesDisk ? 1 : 0],
    ],
  );
}

function stateOf({ unready }: Pick<ProcessRecord, 'unready'>): (typeof STATES)[number] {
  if (unready.length === 0) return 'ready';
  // Of one mailbox of a thousand, perhaps: the others are read.
  return unready.every((check) => check === 'graph') ? 'impaired' : 'unready';
}

/** One series of the least, or none. */
function least(values: readonly number[]): Series[] {
  if (values.length === 0) return [];
  return [[{}, values.reduce((a, b) => Math.min(a, b))]];
}
