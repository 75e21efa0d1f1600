import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CONSOLE_TOKEN,
  freePort,
  mainOf,
  type SpawnedApp,
  type simulatedFleet,
  spawnApp,
  until,
} from '@ms1/testkit';

import { callJson } from '../tools/fleet/call-json.ts';

type Simulated = Awaited<ReturnType<typeof simulatedFleet>>;
type Role = 'ingest-api' | 'poller' | 'processor' | 'ms4-sender' | 'ops-console';

export interface LaneOptions {
  fleet: Simulated;
  /** the simulator's ledgers */
  dataDir: string;
  /** `{walk}`: the lanes share a Redis and know nothing of each other */
  prefix: string;
  mailboxes: readonly string[];
}

interface DeathOptions {
  before?: () => Promise<void>;
  at?: () => Promise<unknown>;
  env?: Record<string, string>;
}

interface InjectOptions {
  announced?: boolean;
  subject?: string;
  /** false: it ends elsewhere than at MS4 */
  isWanted?: boolean;
}

const QUEUE_OF: Partial<Record<Role, string>> = {
  poller: 'polling',
  processor: 'inbound',
  'ms4-sender': 'outbound',
};

/** A fleet of one process of each role that is asked for, on mailboxes of its own. */
export class Lane implements AsyncDisposable {
  readonly mailboxes: readonly string[];
  /** what differs, by role, from the next start on */
  readonly env: Partial<Record<Role, Record<string, string>>> = {};
  readonly #options: LaneOptions;
  readonly #running = new Map<Role, SpawnedApp>();
  readonly #ports = new Map<string, number>();
  /** messages that are to be at MS4, by mailbox */
  readonly #wanted = new Map<string, number>();

  constructor(options: LaneOptions) {
    this.mailboxes = options.mailboxes;
    this.#options = options;
  }

  /** Runs processes, those of roles that run already in their place; ready when it resolves. */
  async run(...roles: Role[]): Promise<void> {
    await Promise.all(
      roles.map(async (role) => {
        await this.#running.get(role)?.stop();
        const app = await this.#spawn(role, {});
        await app.ready(`http://127.0.0.1:${this.#ports.get(`${role} health`)}/readyz`);
      }),
    );
  }

  /**
   * Has a process of the role die at the failpoint, which `before` or `at` leads it to, and runs another.
   *
   * @param before done while no process of the role is there
   * @param at done while it is up
   */
  async dieAt(
    role: Role,
    failpoint: string,
    { before, at, env = {} }: DeathOptions,
  ): Promise<void> {
    await this.#running.get(role)?.stop();
    await before?.();
    const armed = { NODE_ENV: 'test', FAILPOINT: `${failpoint}:1:kill` };
    const app = await this.#spawn(role, { ...armed, ...env });
    const health = `http://127.0.0.1:${this.#ports.get(`${role} health`)}`;
    let working: Promise<unknown> = Promise.resolve();
    if (at) {
      await until(async () => (await fetch(`${health}/readyz`)).ok, { what: `${role} is up` });
      working = at().catch((error: unknown) => error);
    }
    const late = AbortSignal.timeout(90_000);
    const end = await Promise.race([app.exited, once(late, 'abort')]);
    if (late.aborted) throw new Error(`${role} does not die at ${failpoint}`);
    if (end !== 'SIGKILL') throw new Error(`${role} ended with ${String(end)}:\n${app.output()}`);
    await this.#age(role);
    const next = await this.#spawn(role, env);
    await next.ready(`${health}/readyz`);
    // Whoever asked a process that died asks the next one.
    const failed = await working;
    if (failed instanceof Error) throw failed;
  }

  /** What 50 s do after a death: locks and leases run out, and the stalled check has looked once. */
  async #age(role: Role): Promise<void> {
    const { fleet, prefix } = this.#options;
    const { redis } = fleet;
    const leases = await redis.keys(`${prefix}:lease:holder:*`);
    if (leases.length > 0) await redis.del(leases);
    const queue = QUEUE_OF[role];
    if (!queue) return;
    const base = `${prefix}:${queue}`;
    const locks = await redis.keys(`${base}:*:lock`);
    await redis.del(`${base}:stalled-check`, ...locks);
    const active = await redis.lrange(`${base}:active`, 0, -1);
    if (active.length > 0) await redis.sadd(`${base}:stalled`, active);
  }

  /** Puts messages into a mailbox. */
  async inject(
    mailboxId: string,
    count: number,
    { announced = false, subject, isWanted = true }: InjectOptions = {},
  ): Promise<void> {
    const properties = subject === undefined ? {} : { subject };
    const message = { op: 'inject', announced, properties };
    for (let n = 0; n < count; n += 1) {
      await this.#options.fleet.control(`mailboxes/${mailboxId}/messages`, message);
    }
    if (isWanted) this.#wanted.set(mailboxId, (this.#wanted.get(mailboxId) ?? 0) + count);
  }

  /** Waits until all mail of the mailbox is at MS4 and no job is left; answers with what is not there exactly once. */
  async settled(mailboxId: string): Promise<{ lost: number; doubled: number }> {
    const { redis } = this.#options.fleet;
    const wanted = this.#wanted.get(mailboxId) ?? 0;
    const jobs = async (): Promise<number> => {
      const counts = ['inbound', 'outbound'].flatMap((queue) => [
        redis.llen(`${this.#options.prefix}:${queue}:wait`),
        redis.llen(`${this.#options.prefix}:${queue}:active`),
        redis.zcard(`${this.#options.prefix}:${queue}:delayed`),
      ]);
      return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
    };
    await until(async () => this.#stored(mailboxId).size >= wanted && (await jobs()) === 0, {
      what: `${wanted} messages are stored`,
      timeoutMs: 120_000,
    });
    const times = [...this.#stored(mailboxId).values()];
    return {
      lost: wanted - times.length,
      doubled: times.filter((one) => one > 1).length,
    };
  }

  /** the console's API */
  api<T>(path: string, body?: object): Promise<T> {
    return callJson(`http://127.0.0.1:${this.#ports.get('ops-console')}/api${path}`, {
      token: CONSOLE_TOKEN,
      ...(body && { method: 'POST', body }),
    });
  }

  /** By the simulator's own file: how often MS4 stored each message of the mailbox. */
  #stored(mailboxId: string): Map<string, number> {
    const text = readFileSync(join(this.#options.dataDir, 'stored.jsonl'), 'utf8');
    const times = new Map<string, number>();
    for (const line of text.split('\n').slice(0, -1)) {
      const { mailbox, messageId } = JSON.parse(line) as { mailbox: string; messageId: string };
      if (mailbox === mailboxId) times.set(messageId, (times.get(messageId) ?? 0) + 1);
    }
    return times;
  }

  async #spawn(role: Role, env: Record<string, string>): Promise<SpawnedApp> {
    const { fleet, prefix, mailboxes } = this.#options;
    const health = await this.#port(`${role} health`);
    const all: Record<Role, Record<string, string>> = {
      'ingest-api': { INGEST_API_PORT: String(await this.#port('ingest-api')) },
      poller: {
        ...fleet.graphEnv,
        MAILBOXES: mailboxes.join(','),
        INGEST_SINCE: '2020-01-01T00:00:00Z',
        POLLER_INTERVAL_MS: '1000',
        POLLER_PAGE_SIZE: '20',
        POLLER_AUDIT_INTERVAL_MINUTES: '0',
      },
      processor: fleet.graphEnv,
      'ms4-sender': { ...fleet.ms4Env, MS4_SENDER_LOCK_MS: '5000' },
      'ops-console': {
        OPS_CONSOLE_PORT: String(await this.#port('ops-console')),
        OPS_CONSOLE_TOKEN: CONSOLE_TOKEN,
        OPS_CONSOLE_PASSWORD: 'correct horse',
        GRAPH_TENANT_ID: fleet.tenantId,
        MAILBOXES: mailboxes.join(','),
      },
    };
    const app = spawnApp({
      entry: mainOf(role),
      env: {
        REDIS_URL: fleet.redisUrl,
        KEY_PREFIX: prefix,
        HEALTH_PORT: String(health),
        ...all[role],
        ...this.env[role],
        ...env,
      },
    });
    this.#running.set(role, app);
    return app;
  }

  async #port(name: string): Promise<number> {
    const port = this.#ports.get(name) ?? (await freePort());
    this.#ports.set(name, port);
    return port;
  }

  async webhookUrl(): Promise<string> {
    return `http://127.0.0.1:${await this.#port('ingest-api')}/webhooks/graph`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#running.values()].map((app) => app.stop('SIGKILL')));
  }
}
