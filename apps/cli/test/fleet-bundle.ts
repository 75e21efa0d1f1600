import { ConsoleClient } from '@ms1/console-api';
import { messageKey, QUEUES, type QueueName } from '@ms1/contracts';
import { Ledger } from '@ms1/ledger';
import { CursorStore } from '@ms1/mailboxes';
import { createQueue } from '@ms1/queue';
import { freePort, simulatedFleet, until } from '@ms1/testkit';

import { runCli } from '../src/run-cli.ts';

const TOKEN = 'token-of-sixteen-or-more';
const LOOKUP_KEY = 'lookup-key-of-the-test';

export interface FleetBundleOptions {
  /** RFC 3339: from when mail is read; default later than any, so that nothing comes by itself */
  since?: string;
  /** ms between two walks; default a day */
  everyMs?: number;
}

/** A mailbox (the simulator's), the poller that lists it, the console, and `ms1` asking it. */
export async function fleetBundle(options: FleetBundleOptions = {}) {
  await using stack = new AsyncDisposableStack();
  const fleet = stack.use(
    await simulatedFleet({ SIMULATOR_MAILBOXES: '1', SIMULATOR_GRAPH_LATENCY_MS: '1' }),
  );
  const { redis, tenantId, start, graphEnv, ms4Env } = fleet;
  const queueOf = (name: QueueName) => createQueue(name, { connection: redis, prefix: '{ms1}' });
  const consolePort = await freePort();
  const mailboxId = fleet.mailboxes[0] ?? '';
  /** Graph's ids of what was injected, by key */
  const ids = new Map<string, string>();
  const settings = { GRAPH_TENANT_ID: tenantId, MAILBOXES: mailboxId };
  const baseUrl = `http://127.0.0.1:${consolePort}`;
  const startConsole = () =>
    start('ops-console', {
      ...settings,
      OPS_CONSOLE_PORT: String(consolePort),
      OPS_CONSOLE_PASSWORD: 'correct horse',
      OPS_CONSOLE_TOKEN: TOKEN,
      LOOKUP_KEY,
    });
  const [console] = await Promise.all([
    startConsole(),
    start('poller', {
      ...graphEnv,
      ...settings,
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
    ...fleet,
    polling: queueOf(QUEUES.polling),
    inbound: queueOf(QUEUES.inbound),
    outbound: queueOf(QUEUES.outbound),
    ledger: new Ledger(redis),
    /** the key of a message that Graph lists */
    async inject(properties?: object): Promise<string> {
      const messageId = await fleet.inject(mailboxId, properties);
      const key = messageKey({ tenantId, mailboxId, messageId });
      ids.set(key, messageId);
      return key;
    },
    mailboxId,
    removeMail: (key: string) => fleet.remove(mailboxId, ids.get(key) ?? ''),
    console,
    startConsole,
    ms1: async (...args: string[]) => {
      const [out, err] = [sink(), sink()];
      const newKey = () => crypto.randomUUID();
      const code = await runCli({
        args,
        stdout: out,
        stderr: err,
        connect: () => new ConsoleClient({ baseUrl, token: TOKEN, operator: 'test', newKey }),
        install: () => {
          throw new Error('only doctor asks');
        },
        // oxlint-disable-next-line no-restricted-globals -- its own pause between two looks, a part of it
        wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms / 25)),
      });
      return { code, out: out.text, err: err.text };
    },
    startDelivery: () =>
      Promise.all([start('processor', { ...graphEnv, LOOKUP_KEY }), start('ms4-sender', ms4Env)]),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

function sink() {
  const written = { text: '', write: (text: string) => (written.text += text) };
  return written;
}
