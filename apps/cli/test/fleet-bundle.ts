import { fileURLToPath } from 'node:url';
import { messageKey, QUEUES } from '@ms1/contracts';
import { Ledger } from '@ms1/ledger';
import { CursorStore } from '@ms1/mailboxes';
import { createQueue } from '@ms1/queue';
import { closeRedis, connectRedis } from '@ms1/redis';
import { freePort, type SpawnedApp, spawnApp, startRedis, until } from '@ms1/testkit';

import { ConsoleApi } from '../src/console-api.ts';
import { runCli } from '../src/run-cli.ts';

const TOKEN = 'token-of-sixteen-or-more';
const LOOKUP_KEY = 'lookup-key-of-the-test';

interface SimulatorStatus {
  tenantId: string;
  mailboxes: { id: string }[];
  stored: number;
}

export interface FleetBundleOptions {
  /** RFC 3339: from when mail is read; default later than any, so that nothing comes by itself */
  since?: string;
  /** ms between two walks; default a day */
  everyMs?: number;
}

/** A mailbox (the simulator's), the poller that lists it, the console, and `ms1` asking it. */
export async function fleetBundle(options: FleetBundleOptions = {}) {
  await using stack = new AsyncDisposableStack();
  const { url: redisUrl } = stack.use(await startRedis());
  const redis = await connectRedis({ url: redisUrl, role: 'worker', name: 'test' });
  stack.defer(() => closeRedis(redis));
  const inbound = createQueue(QUEUES.inbound, { connection: redis, prefix: '{ms1}' });
  stack.defer(() => inbound.close());
  const polling = createQueue(QUEUES.polling, { connection: redis, prefix: '{ms1}' });
  stack.defer(() => polling.close());
  const outbound = createQueue(QUEUES.outbound, { connection: redis, prefix: '{ms1}' });
  stack.defer(() => outbound.close());
  // Disposed first: the apps end before their Redis.
  const holder = stack.use(new AsyncDisposableStack());
  const start = async (
    app: string,
    env: Record<string, string>,
    healthPort?: number,
  ): Promise<SpawnedApp> => {
    const port = healthPort ?? (await freePort());
    const entry = fileURLToPath(new URL(`../../${app}/src/main.ts`, import.meta.url));
    const process = holder.use(
      spawnApp({ entry, env: { REDIS_URL: redisUrl, HEALTH_PORT: String(port), ...env } }),
    );
    await process.ready(`http://127.0.0.1:${port}/readyz`);
    return process;
  };

  const [simulatorPort, consolePort] = [await freePort(), await freePort()];
  const simulatorUrl = `http://127.0.0.1:${simulatorPort}`;
  await start(
    'simulator',
    {
      SIMULATOR_PORT: String(simulatorPort),
      SIMULATOR_MAILBOXES: '1',
      SIMULATOR_TOKEN: TOKEN,
      SIMULATOR_GRAPH_LATENCY_MS: '1',
    },
    simulatorPort,
  );
  const control = async <T>(path: string, body?: object): Promise<T> => {
    const response = await fetch(`${simulatorUrl}/control/${path}`, {
      method: body ? 'POST' : 'GET',
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    return (await response.json()) as T;
  };
  const status = () => control<SimulatorStatus>('status');
  const { tenantId, mailboxes } = await status();
  const mailboxId = mailboxes[0]?.id ?? '';
  /** Graph's ids of what was injected, by key */
  const ids = new Map<string, string>();
  const graph = {
    GRAPH_BASE_URL: `${simulatorUrl}/v1.0`,
    GRAPH_TENANT_ID: tenantId,
    GRAPH_STATIC_TOKEN: TOKEN,
  };
  const fleet = { GRAPH_TENANT_ID: tenantId, MAILBOXES: mailboxId };
  const baseUrl = `http://127.0.0.1:${consolePort}`;
  const startConsole = () =>
    start('ops-console', {
      ...fleet,
      OPS_CONSOLE_PORT: String(consolePort),
      OPS_CONSOLE_PASSWORD: 'correct horse',
      OPS_CONSOLE_TOKEN: TOKEN,
      LOOKUP_KEY,
    });
  const [console] = await Promise.all([
    startConsole(),
    start('poller', {
      ...graph,
      ...fleet,
      // Its walks leave alone whatever is there: nothing comes back by itself.
      INGEST_SINCE: options.since ?? new Date(Date.now() + 3_600_000).toISOString(),
      POLLER_INTERVAL_MS: String(options.everyMs ?? 86_400_000),
      POLLER_AUDIT_INTERVAL_MINUTES: '0',
    }),
  ]);
  const cursors = new CursorStore(redis);
  await until(async () => (await cursors.read({ mailboxId, folderId: 'inbox' })) !== null, {
    what: 'the folder is walked',
  });

  const opened = stack.move();
  return {
    redis,
    polling,
    inbound,
    outbound,
    ledger: new Ledger(redis),
    status,
    /** the key of a message that Graph lists */
    async inject(properties?: object): Promise<string> {
      const path = `mailboxes/${mailboxId}/messages`;
      const body = { op: 'inject', announced: false, ...(properties && { properties }) };
      const { messageId } = await control<{ messageId: string }>(path, body);
      const key = messageKey({ tenantId, mailboxId, messageId });
      ids.set(key, messageId);
      return key;
    },
    mailboxId,
    removeMail: (key: string) =>
      control(`mailboxes/${mailboxId}/messages`, { op: 'delete', messageId: ids.get(key) }),
    fault: (name: string, settings: object = {}) => control('faults', { name, ...settings }),
    clearFaults: () =>
      fetch(`${simulatorUrl}/control/faults`, {
        method: 'DELETE',
        headers: { authorization: `Bearer ${TOKEN}` },
      }),
    console,
    startConsole,
    ms1: async (...args: string[]) => {
      const [out, err] = [sink(), sink()];
      const newKey = () => crypto.randomUUID();
      const code = await runCli({
        args,
        stdout: out,
        stderr: err,
        connect: () => new ConsoleApi({ baseUrl, token: TOKEN, operator: 'test', newKey }),
        install: () => {
          throw new Error('only doctor asks');
        },
        wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms / 25)),
      });
      return { code, out: out.text, err: err.text };
    },
    startDelivery: () =>
      Promise.all([
        start('processor', { ...graph, LOOKUP_KEY }),
        start('ms4-sender', {
          MS4_BASE_URL: simulatorUrl,
          MS4_TOKEN: TOKEN,
          MS4_SENDER_BATCH_WAIT_MS: '50',
        }),
      ]),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

function sink() {
  const written = { text: '', write: (text: string) => (written.text += text) };
  return written;
}
