/** Causes inside of the fleet: its processes, its clocks, its Redis, and whoever operates it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { openFaultLine } from '@ms1/testkit';

import { messageKeyOf } from '../../chaos/audit/message-key.ts';
import type { Role } from '../../chaos/chaos-fleet.ts';
import type { SupervisedApp } from '../../chaos/fleet/supervised-app.ts';
import { within } from '../../chaos/rows/process-waiting.ts';
import { putMail } from '../../chaos/rows/simulated-mail.ts';
import { isReady } from '../../chaos/watch/process-watch.ts';
import { type AlertCause, LATE_MAIL, type Trial } from '../alert-cause.ts';

const PRELOAD = pathToFileURL(join(import.meta.dirname, '../../chaos/skewed-clock.ts')).href;
const NODE_OPTIONS = '--max-semi-space-size=16';
const SUBSCRIPTIONS = '{ms1}:poller:subscriptions';

/** The only one of its role starts again, which a busy machine takes its time for. */
const RESTARTS = ['Ms1RoleMissing', ...LATE_MAIL];

function theOnly({ fleet }: Trial, role: Role): SupervisedApp {
  const app = fleet.processes.find((one) => one.role === role);
  if (!app) throw new Error(`there is no ${role}`);
  return app;
}

/** Starts it again with these variables, and waits until it is ready. */
async function restarted(
  { signal }: Trial,
  app: SupervisedApp,
  env: Readonly<Record<string, string | null>>,
): Promise<void> {
  app.environment(env);
  const { restarts } = app;
  await app.restart();
  await within(20_000, `${app.name} is started`, () => app.restarts > restarts, signal);
  await within(60_000, `${app.name} is ready`, () => isReady(app.health), signal);
}

/** A process that does nothing any more, and is alive. */
function frozen(role: Role): AlertCause['make'] {
  return async (trial) => {
    const app = theOnly(trial, role);
    app.signal('SIGSTOP');
    return () => app.signal('SIGCONT');
  };
}

/** Another value of a setting of Redis, and the old one afterwards. */
function redisSetting(name: string, value: (usedBytes: number) => string): AlertCause['make'] {
  return async ({ fleet: { redis } }) => {
    const [, before = ''] = (await redis.admin.config('GET', name)) as string[];
    const used = Number(/used_memory:(\d+)/.exec(await redis.admin.info('memory'))?.[1]);
    await redis.admin.config('SET', name, value(used));
    return async () => {
      await redis.admin.config('SET', name, before);
    };
  };
}

/** A message is delivered, and the store knows nothing of it any more. */
async function loseOne({ fleet }: Trial, signal: AbortSignal): Promise<void> {
  const { tenantId } = await fleet.control<{ tenantId: string }>('status');
  const mailboxId = fleet.mailboxes.at(-3) ?? '';
  const { messageId } = await putMail(fleet, mailboxId, { subject: 'to be forgotten' });
  const key = `{ms1}:ledger:${messageKeyOf([tenantId, mailboxId, messageId])}`;
  const isDelivered = async (): Promise<boolean> =>
    (await fleet.redis.admin.get(key))?.startsWith('1d') ?? false;
  await within(60_000, 'the message is delivered', isDelivered, signal);
  await fleet.redis.admin.del(key);
}

export const INSIDE: readonly AlertCause[] = [
  {
    name: 'paused',
    about: 'somebody pauses a queue and forgets it',
    alerts: ['Ms1QueuePaused'],
    also: LATE_MAIL,
    async make({ console, signal }) {
      const ask = { params: { name: 'inbound' }, body: { reason: 'a trial' }, signal } as const;
      await console.call('POST /queues/:name/pause', ask);
      return async () => {
        await console.call('POST /queues/:name/resume', ask);
      };
    },
  },
  {
    name: 'redis-full',
    about: 'four fifths of the memory of Redis are used (its limit is lowered)',
    alerts: ['Ms1RedisNearlyFull'],
    make: redisSetting('maxmemory', (used) => String(Math.round(used / 0.8))),
  },
  {
    name: 'redis-volatile',
    about: 'Redis writes its append-only file no more',
    alerts: ['Ms1RedisNotPersistent'],
    make: redisSetting('appendonly', () => 'no'),
  },
  {
    name: 'wedged',
    about: 'the only processor is wedged: alive, and does nothing (SIGSTOP)',
    alerts: ['Ms1RoleMissing'],
    also: LATE_MAIL,
    make: frozen('processor'),
  },
  {
    name: 'no-console',
    about: 'the only console does not answer (SIGSTOP)',
    alerts: ['Ms1ConsoleMissing'],
    make: frozen('ops-console'),
  },
  {
    name: 'starved',
    about: 'a processor gets a fifth of the CPU that it wants, in long pauses',
    alerts: ['Ms1EventLoopBlocked'],
    also: ['Ms1RoleMissing', ...LATE_MAIL],
    async make(trial) {
      const app = theOnly(trial, 'processor');
      const over = new AbortController();
      const signal = AbortSignal.any([over.signal, trial.signal]);
      const pulses = (async () => {
        while (!signal.aborted) {
          app.signal('SIGSTOP');
          await delay(1_400, undefined, { signal }).catch(() => undefined);
          app.signal('SIGCONT');
          await delay(350, undefined, { signal }).catch(() => undefined);
        }
      })();
      return async () => {
        over.abort();
        await pulses;
      };
    },
  },
  {
    name: 'skewed',
    about: 'the clock of a processor is 45 s ahead',
    alerts: ['Ms1ClockSkew'],
    also: RESTARTS,
    async make(trial) {
      const app = theOnly(trial, 'processor');
      const folder = await mkdtemp(join(tmpdir(), 'ms1-clock-'));
      const file = join(folder, 'ms');
      await writeFile(file, '45000');
      const options = `${NODE_OPTIONS} --import=${PRELOAD}`;
      await restarted(trial, app, { NODE_OPTIONS: options, CLOCK_SKEW_FILE: file });
      return async () => {
        await restarted(trial, app, { NODE_OPTIONS, CLOCK_SKEW_FILE: null });
        await rm(folder, { recursive: true, force: true });
      };
    },
  },
  {
    name: 'unrenewed',
    about:
      'a subscription has an hour left of three days (its record is set so), and none is renewed',
    alerts: ['Ms1SubscriptionExpires'],
    async make({ fleet }) {
      const { admin } = fleet.redis;
      const [first] = Object.entries(await admin.hgetall(SUBSCRIPTIONS));
      if (!first) throw new Error('there is no subscription');
      const [id, json] = first;
      const now = Date.now();
      const record = {
        ...(JSON.parse(json) as object),
        expiresAt: new Date(now + 3_600_000).toISOString(),
        // Nobody renews twice within ten minutes.
        renewedAt: new Date(now).toISOString(),
        lifeMs: 259_200_000,
      };
      await admin.hset(SUBSCRIPTIONS, id, JSON.stringify(record));
      return async () => {
        await admin.hset(SUBSCRIPTIONS, id, json);
      };
    },
  },
  {
    name: 'expiring',
    about: 'our credential for MS4 ends in three days',
    alerts: ['Ms1CredentialExpires'],
    also: RESTARTS,
    limitMs: 300_000,
    async make(trial) {
      const app = theOnly(trial, 'ms4-sender');
      const at = new Date(Date.now() + 3 * 86_400_000).toISOString();
      await restarted(trial, app, { MS4_CLIENT_SECRET_EXPIRES: at });
      return () => restarted(trial, app, { MS4_CLIENT_SECRET_EXPIRES: null });
    },
  },
  {
    name: 'lost',
    about: 'the store loses what it knows of delivered messages, and an audit finds that',
    alerts: ['Ms1MailUnexplained'],
    limitMs: 300_000,
    async make(trial) {
      const over = new AbortController();
      const signal = AbortSignal.any([over.signal, trial.signal]);
      // What walks look at again every 150 s may find one before an audit does, so there are several.
      const losing = (async () => {
        while (!signal.aborted) {
          await loseOne(trial, signal);
          await delay(10_000, undefined, { signal });
        }
      })().catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
      return async () => {
        over.abort();
        await losing;
      };
    },
  },
  {
    name: 'slow-webhook',
    about: 'the webhook waits 1.2 s for each command of Redis, which is less than it gives one',
    alerts: ['Ms1WebhookSlow'],
    also: ['Ms1ProcessNotReady', 'Ms1RoleMissing', 'Ms1NotificationsMissing', ...LATE_MAIL],
    async make(trial) {
      const { fleet } = trial;
      const app = theOnly(trial, 'ingest-api');
      const url = `redis://127.0.0.1:${fleet.lines.redis.port}`;
      const line = await openFaultLine({ port: Number(new URL(fleet.redisUrl).port) });
      await restarted(trial, app, { REDIS_URL: `redis://127.0.0.1:${line.port}` });
      line.delay(600);
      return async () => {
        line.delay(0);
        await restarted(trial, app, { REDIS_URL: url });
        await line[Symbol.asyncDispose]();
      };
    },
  },
  {
    name: 'quota',
    about:
      'a mailbox uses up the share of its quota that is ours (a hundred requests in ten minutes)',
    alerts: ['Ms1GraphQuotaNearlyUsed'],
    also: ['Ms1MailboxesHeld', ...RESTARTS],
    async make(trial) {
      const app = theOnly(trial, 'poller');
      await restarted(trial, app, { GRAPH_MAILBOX_REQUESTS_MAX: '100' });
      return () => restarted(trial, app, { GRAPH_MAILBOX_REQUESTS_MAX: null });
    },
  },
];

/**
 * The last one: whatever comes after it would be late. What waits must be more than a minute of one processor's work for
 * the 45 s of the rule: at 10 s a request, 20 mailboxes of 4 requests in flight and 50 messages a page are 400 a second,
 * 24,000 a minute, and 18,000 are done meanwhile.
 */
const PILE = { messages: 50_000, latencyMs: 10_000 };

export const BACKLOG: AlertCause = {
  name: 'backlog',
  about: `${PILE.messages.toLocaleString('en')} messages wait behind a pause when it ends, and one processor is there`,
  alerts: ['Ms1MoreReplicasWouldHelp'],
  // Nobody announces this mail: to be told of each message would keep the webhook busy for minutes.
  also: ['Ms1QueuePaused', 'Ms1NotificationsMissing', ...LATE_MAIL],
  limitMs: 300_000,
  async make(trial) {
    trial.stopMail();
    const { fleet, console, signal } = trial;
    const { messages, latencyMs } = PILE;
    const ask = { params: { name: 'inbound' }, body: { reason: 'a trial' }, signal } as const;
    await console.call('POST /queues/:name/pause', ask);
    const plan = { messages, mailboxes: fleet.mailboxes.length, seed: 99, announced: 0 };
    const isFree = async (): Promise<boolean> =>
      fleet.control('inject', plan).then(
        () => true,
        () => false,
      );
    await within(30_000, 'the mail comes', isFree, signal);
    const isPiled = async (): Promise<boolean> => {
      const { queues } = await console.call('GET /overview', { signal });
      const inbound = queues.find(({ name }) => name === 'inbound');
      return (inbound?.waiting ?? 0) >= 0.9 * messages;
    };
    await within(240_000, 'the mail waits', isPiled, signal);
    await fleet.fault('graph-latency', { ms: latencyMs });
    await console.call('POST /queues/:name/resume', ask);
    return () => fleet.fault('graph-latency', { share: 0 });
  },
};
