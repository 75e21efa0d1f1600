import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { messageKey, QUEUES } from '@ms1/contracts';
import { closeRedis, connectRedis, createQueue } from '@ms1/queue';
import { CursorStore, Ledger } from '@ms1/store';
import { freePort, spawnApp, startRedis, until } from '@ms1/testkit';

import { ConsoleApi } from '../src/console-api.ts';
import { runCli } from '../src/run-cli.ts';

const TOKEN = 'token-of-sixteen-or-more';

interface SimulatorStatus {
  tenantId: string;
  mailboxes: { id: string }[];
  stored: number;
}

/** A mailbox (the simulator's), the poller that lists it, the console, and `ms1` asking it. */
async function setup() {
  const stack = new AsyncDisposableStack();
  const { url: redisUrl } = stack.use(await startRedis());
  const redis = await connectRedis({ url: redisUrl, role: 'worker', name: 'test' });
  stack.defer(() => closeRedis(redis));
  const inbound = createQueue(QUEUES.inbound, { connection: redis, prefix: '{ms1}' });
  stack.defer(() => inbound.close());
  const start = async (app: string, env: Record<string, string>, healthPort?: number) => {
    const port = healthPort ?? (await freePort());
    const entry = fileURLToPath(new URL(`../../${app}/src/main.ts`, import.meta.url));
    const process = stack.use(
      spawnApp({ entry, env: { REDIS_URL: redisUrl, HEALTH_PORT: String(port), ...env } }),
    );
    await process.ready(`http://127.0.0.1:${port}/readyz`);
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
  const graph = {
    GRAPH_BASE_URL: `${simulatorUrl}/v1.0`,
    GRAPH_TENANT_ID: tenantId,
    GRAPH_STATIC_TOKEN: TOKEN,
  };
  const fleet = { GRAPH_TENANT_ID: tenantId, MAILBOXES: mailboxId };
  const baseUrl = `http://127.0.0.1:${consolePort}`;
  await Promise.all([
    start('ops-console', {
      ...fleet,
      OPS_CONSOLE_PORT: String(consolePort),
      OPS_CONSOLE_PASSWORD: 'correct horse',
      OPS_CONSOLE_TOKEN: TOKEN,
    }),
    start('poller', {
      ...graph,
      ...fleet,
      // Its walks leave alone whatever is there: nothing comes back by itself.
      INGEST_SINCE: new Date(Date.now() + 3_600_000).toISOString(),
      POLLER_INTERVAL_MS: '86400000',
      POLLER_AUDIT_INTERVAL_MINUTES: '0',
    }),
  ]);
  const cursors = new CursorStore(redis);
  await until(async () => (await cursors.read({ mailboxId, folderId: 'inbox' })) !== null, {
    what: 'the folder is walked',
  });

  return {
    redis,
    inbound,
    ledger: new Ledger(redis),
    status,
    /** the key of a message that Graph lists */
    async inject(): Promise<string> {
      const path = `mailboxes/${mailboxId}/messages`;
      const body = { op: 'inject', announced: false };
      const { messageId } = await control<{ messageId: string }>(path, body);
      return messageKey({ tenantId, mailboxId, messageId });
    },
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
        start('processor', graph),
        start('ms4-sender', {
          MS4_BASE_URL: simulatorUrl,
          MS4_TOKEN: TOKEN,
          MS4_SENDER_BATCH_WAIT_MS: '50',
        }),
      ]),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

function sink() {
  const written = { text: '', write: (text: string) => (written.text += text) };
  return written;
}

test('ms1 replay counts what was skipped for a reason, and takes it again when told to: that once, nothing else', async () => {
  await using bundle = await setup();
  const { ms1, inbound, ledger } = bundle;
  const reasons = ['rule_sender', 'rule_sender', 'rule_size', 'source_deleted'];
  const skipped: string[] = [];
  for (const _ of reasons) skipped.push(await bundle.inject());
  const old = await bundle.inject();
  const at = Date.now() - 60_000;
  await ledger.record(
    skipped.map((key, index) => ({ key, state: 'skipped', at, reason: reasons[index] ?? '' })),
  );
  const states = async (keys: readonly string[]) =>
    (await ledger.known(keys)).map((entry) => entry?.reason ?? entry?.state ?? 'unknown');

  expect((await ms1('replay', '--yes')).code).toBe(2);
  expect((await ms1('replay', '--reason', 'ar@supplier.example')).code).toBe(2);
  const dry = await ms1('replay', '--reason', 'rule_sender');
  expect(dry).toMatchObject({ code: 0, err: expect.stringContaining('folders listed') });
  expect(dry.out).toMatch(/rule_sender +2\n(.*\n)*\n2 would be put back. Nothing has happened/);
  expect(await states([...skipped, old])).toEqual([...reasons, 'unknown']);
  expect(await inbound.getWaitingCount()).toBe(0);

  const done = await ms1('replay', '--reason', 'rule_sender', '--yes', '--json');
  expect([done.code, JSON.parse(done.out)]).toMatchObject([
    0,
    { replay: 'rule_sender', repair: true, repaired: 2, reasons: { 'skipped:rule_size': 1 } },
  ]);
  const again = await ms1('replay', '--reason', 'rule_sender', '--yes');
  expect([again.code, again.out]).toEqual([0, expect.stringContaining('\n0 put back')]);
  expect(await states([...skipped, old])).toEqual([
    'queued',
    'queued',
    ...reasons.slice(2),
    'unknown',
  ]);
  expect(await inbound.getWaitingCount()).toBe(2);

  // Those that no ledger knows, and those that nobody believes any more.
  expect((await ms1('replay', '--reason', 'before_since', '--yes')).out).toMatch(/\n1 put back/);
  expect((await ms1('replay', '--reason', 'source_deleted', '--yes')).out).toMatch(/\n1 put back/);
  const { out: log } = await ms1('actions', 'list', '--json');
  expect(log).toContain('"replay": "rule_sender"');

  await bundle.startDelivery();
  await until(async () => (await bundle.status()).stored === 4, { what: 'MS4 has all four' });
  await until(async () => (await ledger.totals()).delivered === 4, { what: 'the ledger is told' });
  expect(await states(skipped)).toEqual(['delivered', 'delivered', 'rule_size', 'delivered']);
  expect((await bundle.status()).stored).toBe(4);
});
