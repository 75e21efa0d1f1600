import { messageKey, QUEUES, type QueueName } from '@ms1/contracts';
import { Ledger } from '@ms1/ledger';
import { CursorStore } from '@ms1/mailboxes';
import { createQueue } from '@ms1/queue';
import { CONSOLE_TOKEN, simulatedFleet, startConsole, until } from '@ms1/testkit';

import { runHere } from './run-here.ts';

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
  const mailboxId = fleet.mailboxes[0] ?? '';
  /** Graph's ids of what was injected, by key */
  const ids = new Map<string, string>();
  const settings = { GRAPH_TENANT_ID: tenantId, MAILBOXES: mailboxId };
  const consoles = stack.use(new AsyncDisposableStack());
  const startOne = async (port: Record<string, string> = {}) =>
    consoles.use(await startConsole(fleet.redisUrl, { ...settings, LOOKUP_KEY, ...port }));
  const [console] = await Promise.all([
    startOne(),
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
    /** another one on its port */
    startConsole: () => startOne({ OPS_CONSOLE_PORT: new URL(console.url).port }),
    ms1: (...args: string[]) =>
      runHere(args, {
        baseUrl: console.url,
        token: CONSOLE_TOKEN,
        // oxlint-disable-next-line no-restricted-globals -- its own pause between two looks, a part of it
        wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms / 25)),
      }),
    startDelivery: () =>
      Promise.all([start('processor', { ...graphEnv, LOOKUP_KEY }), start('ms4-sender', ms4Env)]),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
