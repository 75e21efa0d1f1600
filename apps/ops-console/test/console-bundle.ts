import { createServer } from 'node:http';
import type { Role } from '@ms1/console-api';
import type { QueueName } from '@ms1/contracts';
import { LeaseStore } from '@ms1/coordination';
import { MailboxDirectory, WatchedDirectory } from '@ms1/mailboxes';
import { createQueue, type PayloadKey, PayloadSealer } from '@ms1/queue';
import { closeRedis, connectRedis, ownerOf, type Redis } from '@ms1/redis';
import { closeServer, listen, VERSION } from '@ms1/runtime';
import { aMailbox, startRedis, type TestRedis } from '@ms1/testkit';

import { openApiDocument } from '../src/api/openapi/openapi-document.ts';
import { DESCRIBED } from '../src/api/route.ts';
import type { Access } from '../src/auth/access.ts';
import { apiToken } from '../src/auth/api-tokens.ts';
import type { LoginOutcome } from '../src/auth/login-outcome.ts';
import type { LiveFeedOptions } from '../src/live/live-feed.ts';
import type { MailGraph } from '../src/mail/fetch-mail.ts';
import { bundlePage } from '../src/page/bundle-page.ts';
import { wireConsole } from '../src/wiring/wire-console.ts';
import { createContract } from './api-contract.ts';

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

export const PASSWORD = 'correct horse';
export const TOKEN = 'token-of-sixteen-or-more';
export const TOKENS: Record<Role, string> = {
  reader: 'reader-of-sixteen-or-more',
  operator: 'operator-of-sixteen-or-more',
  admin: TOKEN,
};
export const MAILBOXES = [1, 2].map((n) => `${n}`.repeat(8).concat('-1111-4111-8111-111111111111'));
export const TENANT = '99999999-9999-4999-8999-999999999999';
export const FOLDERS = ['inbox', 'AAMkAD-Scanner='];

/** Bundled once a test file. */
const page = bundlePage();

export interface ConsoleBundleOptions {
  feed?: Partial<LiveFeedOptions>;
  /** what whoever logs in with the password may do */
  passwordRole?: Role;
  oidc?: Access['oidc'];
  piiRole?: Role;
  payloadKeys?: PayloadKey[];
  /** how long forgetting waits for what others have in hand */
  forget?: { waitMs: number };
  /** what else differs from a console by itself that knows nothing of a proxy */
  access?: Partial<Access>;
  /** reads mail for people; default: it has no credential */
  graph?: (redis: Redis) => MailGraph;
  /** another console's, with its clock, where it is one of several */
  beside?: { redisServer: TestRedis; clock: { at: number; now: () => number } };
}

/** The console on a port of its own over a private Redis, as main.ts wires it, with a clock to turn. */
export async function consoleBundle({ oidc, piiRole, ...options }: ConsoleBundleOptions = {}) {
  const redisServer = options.beside?.redisServer ?? (await startRedis());
  const connection = await connectRedis({ url: redisServer.url, role: 'worker', name: 'test' });
  const redis = ownerOf(connection, '{ms1}');
  const errors: unknown[] = [];
  const logins: LoginOutcome[] = [];
  const ownClock = { at: Date.now(), now: () => ownClock.at };
  const clock = options.beside?.clock ?? ownClock;
  const prefix = '{ms1}';
  const opened = new Map<QueueName, ReturnType<typeof createQueue>>();
  const queue = <T = unknown>(name: QueueName) => {
    const one = opened.get(name) ?? createQueue(name, { connection: redis, prefix });
    opened.set(name, one);
    return one as ReturnType<typeof createQueue<T>>;
  };
  const directory = new MailboxDirectory(redis, { clock });
  await directory.seed(
    MAILBOXES.map((mailboxId) => aMailbox({ tenantId: TENANT, mailboxId, folders: FOLDERS })),
  );
  const watched = new WatchedDirectory({ directory, onError: (error) => errors.push(error) });
  await watched.refresh();
  const feedErrors: unknown[] = [];
  const stop = new AbortController();
  const ops = wireConsole(
    {
      redis,
      prefix,
      shards: 1,
      payloads: new PayloadSealer({ keys: options.payloadKeys }),
      queue,
    },
    {
      access: {
        tokens: Object.entries(TOKENS).map(([role, token]) =>
          apiToken(`${role}s`, role as Role, token),
        ),
        password: PASSWORD,
        // A thousandth of the real one, because nearly every test logs in.
        passwordCost: { N: 2 ** 7 },
        passwordRole: options.passwordRole ?? 'operator',
        trustedProxies: 0,
        oidc,
        piiRole,
        ...options.access,
      },
      page: await page,
      directory,
      mailboxes: watched,
      clock,
      lookupKey: 'a secret of some length',
      graph: options.graph?.(redis) ?? null,
      env: { REDIS_URL: redisServer.url },
      tenantId: TENANT,
      folders: ['inbox'],
      feed: { onError: (error) => feedErrors.push(error), ...options.feed },
      forget: {
        pauseMs: 20,
        onError: (error) => errors.push(error),
        stopping: stop.signal,
        ...options.forget,
      },
      onLogin: (outcome) => logins.push(outcome),
      onError: (error) => errors.push(error),
    },
  );
  const { app, stores, feed, sampler } = ops;
  const [inbound, outbound] = stores.messageQueues as [
    ReturnType<typeof createQueue>,
    ReturnType<typeof createQueue>,
  ];
  const server = createServer(app);
  const port = await listen(server, { host: '127.0.0.1', port: 0, variable: 'PORT' });
  const origin = `http://127.0.0.1:${port}`;
  const feeding = feed.run(stop.signal);
  const faultsOf = createContract(openApiDocument(VERSION));

  /**
   * A plain request; redirects are shown, not followed. Whatever the API answers must be as it describes
   * itself: no test can ask it without that being checked.
   */
  async function request(path: string, init: RequestInit = {}) {
    const response = await fetch(`${origin}${path}`, { redirect: 'manual', ...init });
    // Read to the end: a body left unread keeps its connection, and jest with it.
    const { status, headers } = response;
    const isEndless = headers.get('content-type')?.startsWith('text/event-stream');
    if (isEndless) await response.body?.cancel();
    const answer = { status, headers, text: isEndless ? '' : await response.text() };
    if (path.startsWith('/api/')) {
      const faults = faultsOf({ method: init.method ?? 'GET', path, ...answer });
      if (faults.length > 0) throw new Error(`not as described: ${faults.join('; ')}`);
    }
    return answer;
  }

  return {
    app,
    server,
    origin,
    redisServer,
    redis,
    clock,
    polling: stores.polling,
    inbound,
    outbound,
    ledger: stores.ledger,
    store: stores.sessions,
    service: ops.sessions,
    auditStore: stores.audits,
    operators: stores.operators,
    letters: stores.letters,
    lookup: stores.lookup as NonNullable<typeof stores.lookup>,
    operations: stores.operations,
    workOf: ops.workOf,
    leases: new LeaseStore(redis),
    directory,
    watched,
    yields: stores.yields,
    tallies: stores.tallies,
    subscriptions: stores.subscriptions,
    processes: stores.processes,
    history: stores.history,
    loginStore: stores.logins,
    /** what came of each try to log in */
    logins,
    errors,
    feed,
    feedErrors,
    sampler,
    routes: DESCRIBED,
    request,
    /** a request of the API with the admin's token */
    async api(method: Method, path: string, body?: unknown, headers: Record<string, string> = {}) {
      const response = await request(`/api${path}`, {
        method,
        headers: {
          authorization: `Bearer ${TOKEN}`,
          'content-type': 'application/json',
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const type = response.headers.get('content-type') ?? '';
      return {
        status: response.status,
        type,
        headers: response.headers,
        body: JSON.parse(response.text) as Record<string, unknown>,
      };
    },
    /** logs in and answers with the Cookie header */
    async login(password = PASSWORD): Promise<string> {
      const response = await fetch(`${origin}/login`, {
        method: 'POST',
        redirect: 'manual',
        body: new URLSearchParams({ password }),
      });
      return (response.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    },
    /** as SIGTERM does to the task */
    stopFeed() {
      stop.abort();
      return feeding;
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await Promise.all([feeding, ops.forgetting.idle()]);
      await closeServer(server);
      await Promise.all(stores.queues.map((one) => one.close()));
      await closeRedis(redis);
      if (!options.beside) await redisServer.stop();
    },
  };
}
