import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CONSOLE_PASSWORD,
  CONSOLE_TOKEN,
  type FaultLine,
  freePort,
  openFaultLine,
  SIMULATOR_TOKEN,
  simulatedFleet,
} from '@ms1/testkit';

import type { ChaosFleet, Role } from '../chaos-fleet.ts';
import { DURABLE, DurableRedis } from './durable-redis.ts';
import { LineUse } from './line-use.ts';
import { StoredCount } from './stored-count.ts';
import { SupervisedApp } from './supervised-app.ts';
import { openWebhookDoor, type WebhookDoor } from './webhook-door.ts';

/** Two of each, as the matrix asks: what one of them leaves behind the other must take. */
const ROLES: readonly Role[] = ['ingest-api', 'poller', 'processor', 'ms4-sender', 'ops-console'];
const OF_EACH = 2;

export interface FleetShape {
  /** processes of each role */
  ofEach?: number;
  mailboxes?: number;
  env?: Readonly<Record<string, string>>;
}
export const MAILBOXES = 4;

/** What MS4 allows, all senders together; the auditor measures arrivals against it. */
export const MS4_LIMITS = { perSecond: 10, perMinute: 300 };

/**
 * What differs from production: a folder is walked every 5 s and not every minute, because mail that no notification
 * announces is half of all, and a run is minutes long. The rolling audit looks every minute at what is a minute old, so
 * that what it repairs is repaired within a run.
 */
export const TUNED = {
  POLLER_INTERVAL_MS: '5000',
  POLLER_AUDIT_INTERVAL_MINUTES: '1',
  POLLER_AUDIT_SETTLE_MINUTES: '1',
  INGEST_SINCE: '2000-01-01T00:00:00Z',
  MS4_REQUESTS_PER_SECOND_MAX: String(MS4_LIMITS.perSecond),
  MS4_REQUESTS_PER_MINUTE_MAX: String(MS4_LIMITS.perMinute),
};

/** A fleet that runs, and what the driver and the auditor see of it from outside. */
export interface OpenFleet extends ChaosFleet, AsyncDisposable {
  readonly processes: readonly SupervisedApp[];
  readonly redis: DurableRedis;
  /** the simulator's ledgers */
  readonly witnessFolder: string;
  readonly simulator: { readonly url: string; readonly token: string; readonly pid: number };
  readonly redisUrl: string;
  readonly consoles: readonly string[];
  readonly consoleToken: string;
  readonly tenantId: string;
  readonly door: WebhookDoor;
  readonly lineUse: LineUse;
  /** which must be in no log, key or file */
  readonly secrets: readonly string[];
  simulatorOutput(): string;
}

/** Starts Redis, the simulator, the lines and so many of each role, and waits until all are ready. */
export async function openFleet(
  seed: number,
  signal: AbortSignal,
  { ofEach = OF_EACH, mailboxes = MAILBOXES, env: more = {} }: FleetShape = {},
): Promise<OpenFleet> {
  await using stack = new AsyncDisposableStack();
  const witnessFolder = await mkdtemp(join(tmpdir(), 'ms1-chaos-'));
  stack.defer(() => rm(witnessFolder, { recursive: true, force: true }));
  const base = stack.use(
    await simulatedFleet(
      {
        SIMULATOR_DATA_DIR: witnessFolder,
        SIMULATOR_MAILBOXES: String(mailboxes),
        SIMULATOR_SEED: String(seed),
      },
      { flags: DURABLE },
    ),
  );
  const redis = stack.use(new DurableRedis(base.server, base.redis));
  const lineUse = new LineUse();
  const simulatorPort = Number(new URL(base.base).port);
  const line = async (name: string, port: number): Promise<FaultLine> =>
    lineUse.watch(name, stack.use(await openFaultLine({ port })));
  const lines = {
    redis: await line('redis', base.server.port),
    graph: await line('graph', simulatorPort),
    ms4: await line('ms4', simulatorPort),
  };
  const webhookPorts = await freePorts(ofEach);
  const consolePorts = await freePorts(ofEach);
  const door = stack.use(await openWebhookDoor(webhookPorts));
  const payloadKey = randomBytes(32).toString('base64');
  const env = {
    ...TUNED,
    LOG_LEVEL: 'info',
    NODE_OPTIONS: '--max-semi-space-size=16',
    REDIS_URL: `redis://127.0.0.1:${lines.redis.port}`,
    // Links in answers name the host they were asked under, so all that follows from here comes along the line.
    GRAPH_BASE_URL: `http://127.0.0.1:${lines.graph.port}/v1.0`,
    GRAPH_TENANT_ID: base.tenantId,
    GRAPH_STATIC_TOKEN: SIMULATOR_TOKEN,
    MS4_BASE_URL: `http://127.0.0.1:${lines.ms4.port}`,
    MS4_TOKEN: SIMULATOR_TOKEN,
    MAILBOXES: base.mailboxes.join(','),
    NOTIFICATION_URL: door.url,
    PAYLOAD_KEY: `chaos:${payloadKey}`,
    ...more,
  };
  const processes: SupervisedApp[] = [];
  for (const role of ROLES) {
    for (let number = 1; number <= ofEach; number += 1) {
      const own = ownOf(role, webhookPorts[number - 1], consolePorts[number - 1]);
      const healthPort = await freePort();
      const spec = { role, name: `${role}-${number}`, healthPort, env: { ...env, ...own } };
      processes.push(stack.use(new SupervisedApp(spec)));
    }
  }
  await Promise.all(processes.map((app) => app.ready(signal)));
  const counted = new StoredCount(witnessFolder);
  const opened = stack.move();
  return {
    processes,
    of: (role) => processes.filter((app) => app.role === role),
    redis,
    lines,
    mailboxes: base.mailboxes,
    webhook: `http://127.0.0.1:${webhookPorts[0]}`,
    control: base.control,
    fault: async (name, settings) => {
      await base.fault(name, settings);
    },
    clearFaults: async () => {
      await base.clearFaults();
    },
    stored: () => counted.now(),
    witnessFolder,
    simulator: { url: base.base, token: SIMULATOR_TOKEN, pid: base.simulator.child.pid ?? -1 },
    simulatorOutput: base.simulator.output,
    redisUrl: base.redisUrl,
    consoles: consolePorts.map((port) => `http://127.0.0.1:${port}`),
    consoleToken: CONSOLE_TOKEN,
    tenantId: base.tenantId,
    door,
    lineUse,
    secrets: [SIMULATOR_TOKEN, CONSOLE_TOKEN, CONSOLE_PASSWORD, payloadKey],
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

function ownOf(role: Role, webhookPort = 0, consolePort = 0): Record<string, string> {
  if (role === 'ingest-api') {
    return { INGEST_API_HOST: '127.0.0.1', INGEST_API_PORT: String(webhookPort) };
  }
  if (role !== 'ops-console') return {};
  return {
    OPS_CONSOLE_PORT: String(consolePort),
    OPS_CONSOLE_PASSWORD: CONSOLE_PASSWORD,
    OPS_CONSOLE_TOKEN: CONSOLE_TOKEN,
  };
}

async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await freePort());
  return [...ports];
}
