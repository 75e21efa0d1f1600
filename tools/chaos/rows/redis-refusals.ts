import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

import type { ChaosFleet, ChaosProcess, ChaosRedis } from '../chaos-fleet.ts';
import type { ChaosRow } from '../chaos-row.ts';
import { nameOf, RESTART_MS, seconds, within } from './process-waiting.ts';
import { allUnready, NO_REDIS, readyAgain } from './readiness.ts';
import { rewriteFile } from './rewrite-file.ts';

/** What was refused is tried again within that (R16). */
const BACK_MS = 10_000;
/** Each refusal lasts at least so long, so that whatever is tried every few seconds meets it. */
const LASTS_MS = 12_000;
/** Lines and share of a core that a process may spend on a Redis that refuses (R15). */
const LINES_A_SECOND_MAX = 10;
const CORE_MAX = 0.5;
/** of a second, as /proc counts (USER_HZ) */
const TICK = 1 / 100;

const cpuOf = ({ pid }: ChaosProcess): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * TICK;
};

const linesOf = (app: ChaosProcess): number => app.output().split('\n').length;

interface Spent {
  readonly name: string;
  readonly cores: number;
  /** written in a second */
  readonly lines: number;
}

/**
 * Everybody is refused, says so, and does not run hot over it.
 *
 * @throws when one does, or says nothing
 */
async function refused(
  { processes }: ChaosFleet,
  why: RegExp,
  signal: AbortSignal,
): Promise<string> {
  const began = performance.now();
  const told = await allUnready(processes, why, signal);
  const before = processes.map((app) => ({
    app,
    pid: app.pid,
    cpu: cpuOf(app),
    lines: linesOf(app),
  }));
  const from = performance.now();
  await delay(Math.max(5_000, LASTS_MS - (from - began)), undefined, { signal });
  const lasted = (performance.now() - from) / 1_000;
  const spent = before
    .filter(({ app, pid }) => app.pid === pid)
    .map(({ app, cpu, lines }) => ({
      name: app.name,
      cores: (cpuOf(app) - cpu) / lasted,
      lines: (linesOf(app) - lines) / lasted,
    }));
  const inWords = ({ name, cores, lines }: Spent): string =>
    `${name} ${lines.toFixed(1)} lines/s and ${cores.toFixed(2)} cores`;
  const hot = spent.filter(({ cores, lines }) => cores > CORE_MAX || lines > LINES_A_SECOND_MAX);
  if (hot.length > 0) throw new Error(`runs hot over ${why}: ${hot.map(inWords).join(', ')}`);
  const hottest = spent.toSorted((one, other) => other.cores - one.cores)[0];
  return hottest ? `${told}; at most ${inWords(hottest)}` : told;
}

/** Something is set, everybody refused by it, and it is set back. */
const refusal = (
  id: string,
  about: string,
  why: RegExp,
  set: (redis: ChaosRedis, on: boolean) => Promise<unknown>,
): ChaosRow => ({
  id,
  about,
  recoveryMs: BACK_MS,
  async inject(fleet, _dice, signal) {
    const began = performance.now();
    let told: string;
    await set(fleet.redis, true);
    try {
      told = await refused(fleet, why, signal);
    } finally {
      await set(fleet.redis, false);
    }
    return `refused for ${seconds(performance.now() - began)}; ${told}`;
  },
  after: readyAgain,
});

const configured =
  (option: string, bad: string, good: string) => (redis: ChaosRedis, on: boolean) =>
    redis.admin.config('SET', option, on ? bad : good);

const acl = (bad: readonly string[], good: readonly string[]) => (redis: ChaosRedis, on: boolean) =>
  redis.admin.call('ACL', 'SETUSER', 'default', ...(on ? bad : good));

/** Nobody listens there. */
const NOWHERE = ['127.0.0.1', '1'] as const;

/**
 * Controls: BullMQ runs again what was refused at its completion (packages/bullmq-batch/test/batch-refused.long.ts), and
 * takes nothing from a full Redis (packages/bullmq-batch/test/batch-full-redis.long.ts); who may look at a Redis that evicts
 * is let in (packages/redis/test/connect-redis.long.ts).
 */
export const REDIS_REFUSALS: readonly ChaosRow[] = [
  refusal(
    'R11',
    'READONLY: Redis follows a primary that is not there',
    /read-only/,
    ({ admin }, on) => (on ? admin.replicaof(...NOWHERE) : admin.replicaof('NO', 'ONE')),
  ),
  refusal(
    'R11a',
    'NOREPLICAS: Redis wants a replica that is not there',
    /too few replicas/,
    configured('min-replicas-to-write', '1', '0'),
  ),
  refusal('R15', 'maxmemory reached', /is full/, configured('maxmemory', '1', '0')),
  refusal(
    'R16b',
    'ACL: the fleet may not write any more',
    /does not let this user/,
    acl(['-@write'], ['+@all']),
  ),
  refusal(
    'R20',
    'the eviction policy is changed while all run',
    /maxmemory-policy allkeys-lru/,
    configured('maxmemory-policy', 'allkeys-lru', 'noeviction'),
  ),
  {
    id: 'R13',
    about: 'a process is started on a Redis that may evict',
    recoveryMs: RESTART_MS,
    async inject(fleet, dice, signal) {
      const app = dice.pick(fleet.of(dice.pick(['poller', 'processor', 'ms4-sender'])));
      const { restarts } = app;
      const written = app.output().length;
      const set = configured('maxmemory-policy', 'allkeys-lru', 'noeviction');
      await set(fleet.redis, true);
      try {
        app.signal('SIGKILL');
        const ended = (): boolean => app.restarts >= restarts + 2;
        await within(30_000, `${app.name} ends by itself`, ended, signal);
      } finally {
        await set(fleet.redis, false);
      }
      const said = /maxmemory-policy allkeys-lru[^"\n]*/.exec(app.output().slice(written))?.[0];
      if (!said) throw new Error(`${app.name} did not say why it ended`);
      return `${nameOf(app)} ended ${app.restarts - restarts} times: ${said}`;
    },
    after: readyAgain,
  },
  {
    id: 'R11b',
    about: 'LOADING: Redis takes its time to read its disk',
    recoveryMs: BACK_MS,
    async inject({ redis, processes }, _dice, signal) {
      const { admin } = redis;
      await rewriteFile(admin, signal);
      const keys = await admin.dbsize();
      const began = performance.now();
      await redis.kill();
      const started = redis.start({
        'key-load-delay': String(Math.round((LASTS_MS * 1_000) / keys)),
        // It answers, with LOADING, after each so many bytes.
        'loading-process-events-interval-bytes': '1024',
      });
      // It is awaited below; a process that is not unready must not hide it.
      started.catch(() => undefined);
      try {
        const told = await allUnready(processes, NO_REDIS, signal);
        return `${keys} keys took ${seconds(performance.now() - began)} to load; ${told}`;
      } finally {
        await started;
      }
    },
    after: readyAgain,
  },
  {
    id: 'R16',
    about: 'maxclients reached: whoever is thrown out comes not in again',
    recoveryMs: BACK_MS,
    async inject({ redis: { admin }, lines }, _dice, signal) {
      const refusedSoFar = async (): Promise<number> =>
        Number(/rejected_connections:(\d+)/.exec(await admin.info('stats'))?.[1]);
      const before = await refusedSoFar();
      const connections = lines.redis.connections;
      await admin.config('SET', 'maxclients', String(Math.round(connections / 3)));
      try {
        lines.redis.reset();
        await delay(LASTS_MS, undefined, { signal });
      } finally {
        await admin.config('SET', 'maxclients', '10000');
      }
      const times = (await refusedSoFar()) - before;
      if (times === 0) throw new Error('nobody was refused');
      return `of ${connections} connections a third was let in; refused ${times} times`;
    },
    after: readyAgain,
  },
  {
    id: 'R16a',
    about: 'the password of Redis is another one, and then the old one again',
    recoveryMs: BACK_MS,
    async inject({ redis, lines, processes }, _dice, signal) {
      // Connections that stand go on; it is those that come anew that are asked.
      const set = acl(['resetpass', '>another'], ['nopass']);
      const began = performance.now();
      let told: string;
      await set(redis, true);
      try {
        lines.redis.reset();
        told = await allUnready(processes, NO_REDIS, signal);
        await delay(Math.max(0, LASTS_MS - (performance.now() - began)), undefined, { signal });
      } finally {
        await set(redis, false);
      }
      return `nobody could log in for ${seconds(performance.now() - began)}; ${told}`;
    },
    after: readyAgain,
  },
];
