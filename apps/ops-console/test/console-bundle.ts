import { createServer } from 'node:http';
import { QUEUES } from '@ms1/contracts';
import {
  closeRedis,
  connectRedis,
  createJobLocator,
  createQueue,
  DeadLetters,
  type PayloadKey,
  PayloadSealer,
  readQueueDepths,
  readServerFacts,
} from '@ms1/queue';
import { closeServer, listen, systemClock, VERSION } from '@ms1/runtime';
import {
  AuditStore,
  IdempotencyStore,
  LeaseStore,
  Ledger,
  LetterOperationStore,
  LoginStore,
  LoginTries,
  LookupIndex,
  MailboxDirectory,
  OperatorLog,
  ProcessStore,
  PushYieldStore,
  readGate,
  readHolds,
  SessionStore,
  SubscriptionStore,
  WatchedDirectory,
} from '@ms1/store';
import { startRedis, type TestRedis } from '@ms1/testkit';

import { actionRoutes } from '../src/api/action-routes.ts';
import { auditRoutes } from '../src/api/audit-routes.ts';
import { deadLetterRoutes } from '../src/api/dead-letter-routes.ts';
import { findRoutes } from '../src/api/find-routes.ts';
import { fleetRoutes } from '../src/api/fleet-routes.ts';
import { Idempotency } from '../src/api/idempotency.ts';
import { mailboxRoutes } from '../src/api/mailbox-routes.ts';
import { meRoutes } from '../src/api/me-routes.ts';
import { messageRoutes } from '../src/api/message-routes.ts';
import { openApiDocument } from '../src/api/openapi/openapi-document.ts';
import { openApiRoutes } from '../src/api/openapi/openapi-routes.ts';
import { queueRoutes } from '../src/api/queue-routes.ts';
import { sessionRoutes } from '../src/api/session-routes.ts';
import { statusRoutes } from '../src/api/status-routes.ts';
import { subscriptionRoutes } from '../src/api/subscription-routes.ts';
import { tenantRoutes } from '../src/api/tenant-routes.ts';
import { AuditService } from '../src/audits/audit-service.ts';
import type { Access } from '../src/auth/access.ts';
import { apiToken } from '../src/auth/api-tokens.ts';
import type { Role } from '../src/auth/caller.ts';
import type { LoginOutcome } from '../src/auth/login-outcome.ts';
import { LOGIN_LIFETIME_MS } from '../src/auth/logins.ts';
import { createConsole } from '../src/create-console.ts';
import { CauseSummary } from '../src/live/cause-summary.ts';
import { LiveFeed, type LiveFeedOptions } from '../src/live/live-feed.ts';
import { liveRoutes } from '../src/live/live-routes.ts';
import { MailboxFreshness } from '../src/live/mailbox-freshness.ts';
import { Sampler } from '../src/live/sampler.ts';
import { sinceItsStage } from '../src/live/waiting-since.ts';
import { readFreshness } from '../src/mailboxes/read-freshness.ts';
import { bundlePage } from '../src/page/bundle-page.ts';
import { MailboxFolders } from '../src/sessions/mailbox-folders.ts';
import { SessionRates } from '../src/sessions/session-rates.ts';
import { SessionService } from '../src/sessions/session-service.ts';
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
  /** what else differs from a console by itself that knows nothing of a proxy */
  access?: Partial<Access>;
  /** another console's, with its clock, where it is one of several */
  beside?: { redisServer: TestRedis; clock: { at: number; now: () => number } };
}

/** The console on a port of its own over a private Redis, wired as main.ts does, with a clock to turn. */
export async function consoleBundle({ oidc, piiRole, ...options }: ConsoleBundleOptions = {}) {
  const redisServer = options.beside?.redisServer ?? (await startRedis());
  const redis = await connectRedis({ url: redisServer.url, role: 'worker', name: 'test' });
  const errors: unknown[] = [];
  const logins: LoginOutcome[] = [];
  const ownClock = { at: Date.now(), now: () => ownClock.at };
  const clock = options.beside?.clock ?? ownClock;
  const polling = createQueue(QUEUES.polling, { connection: redis, prefix: '{ms1}' });
  const inbound = createQueue(QUEUES.inbound, { connection: redis, prefix: '{ms1}' });
  const outbound = createQueue(QUEUES.outbound, { connection: redis, prefix: '{ms1}' });
  const queues = [polling, inbound, outbound];
  const ledger = new Ledger(redis);
  const store = new SessionStore(redis, { clock });
  const directory = new MailboxDirectory(redis, { clock });
  await directory.seed(
    MAILBOXES.map((mailboxId) => ({
      tenantId: TENANT,
      mailboxId,
      label: mailboxId,
      folders: FOLDERS,
      rules: {},
    })),
  );
  const watched = new WatchedDirectory({ directory, onError: (error) => errors.push(error) });
  await watched.refresh();
  const mailboxes = new MailboxFolders(watched);
  const yields = new PushYieldStore(redis, { clock });
  const subscriptions = new SubscriptionStore(redis);
  const processes = new ProcessStore(redis);
  const service = new SessionService({
    sessions: store,
    polling,
    mailboxes,
  });
  const operators = new OperatorLog(redis);
  const auditStore = new AuditStore(redis, { clock });
  const audits = new AuditService({
    audits: auditStore,
    polling,
    mailboxes,
    clock,
  });
  const letters = new DeadLetters([inbound, outbound]);
  const payloads = new PayloadSealer({ keys: options.payloadKeys });
  const operations = new LetterOperationStore(redis, { clock });
  const lookup = new LookupIndex(redis, { secret: 'a secret of some length' });
  const feedErrors: unknown[] = [];
  const liveRates = new SessionRates(clock);
  const depths = async () =>
    sinceItsStage(await readQueueDepths(queues), (keys) => ledger.known(keys));
  const holds = (ids: readonly string[]) => readHolds(redis, ids);
  const sampler = new Sampler({
    depths,
    ledger,
    gate: () => readGate(redis, { service: 'ms4' }),
    sessions: store,
    rateOf: (session) => liveRates.rateOf(session),
    causes: new CauseSummary({ groups: () => letters.groups(), clock }),
    mailboxes: new MailboxFreshness({
      mailboxes: () => watched.current.listed(),
      yields: (refs) => yields.readMany(refs),
      holds,
      clock,
    }),
    processes: () => processes.list(),
    clock,
  });
  const stop = new AbortController();
  const loginStore = new LoginStore(redis, { clock, lifetimeMs: LOGIN_LIFETIME_MS });
  const feed = new LiveFeed({
    look: () => sampler.overview(),
    ended: (loginIds) => loginStore.ended(loginIds),
    onError: (error) => feedErrors.push(error),
    ...options.feed,
  });
  const routes = [
    ...sessionRoutes(service, audits, new SessionRates(clock)),
    ...auditRoutes(audits),
    ...deadLetterRoutes({ letters, operations, clock: systemClock }),
    ...findRoutes({
      mailboxes,
      ledger,
      locate: createJobLocator([inbound, outbound]),
      index: lookup,
      clock,
    }),
    ...mailboxRoutes({
      directory,
      watched,
      freshness: (entries) =>
        readFreshness(
          { yields, subscriptions, audits: auditStore, sessions: store, holds },
          entries,
        ),
      tenantId: TENANT,
      folders: ['inbox'],
    }),
    ...tenantRoutes(directory),
    ...subscriptionRoutes({ subscriptions, polling }),
    ...messageRoutes({
      ledger,
      locate: createJobLocator([inbound, outbound]),
      queues: [inbound, outbound],
      payloads,
    }),
    ...fleetRoutes({ processes, redisFacts: () => readServerFacts(redis) }),
    ...actionRoutes(operators),
    ...queueRoutes({ queues, depths }),
    ...statusRoutes({ mailboxes, ledger, sessions: store }),
    ...liveRoutes(sampler, feed),
    ...meRoutes(),
  ];
  const idempotency = new Idempotency(new IdempotencyStore(redis));
  const app = createConsole({
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
    logins: loginStore,
    tries: new LoginTries(redis, { clock }),
    onLogin: (outcome) => logins.push(outcome),
    clock,
    version: VERSION,
    queues,
    payloads,
    routes,
    operators,
    idempotency,
    page: await page,
    ping: () => redis.ping(),
    onError: (error) => errors.push(error),
  });
  const server = createServer(app);
  const port = await listen(server, { host: '127.0.0.1', port: 0, variable: 'PORT' });
  const origin = `http://127.0.0.1:${port}`;
  const feeding = feed.run(stop.signal);
  const faultsOf = createContract(
    openApiDocument([...routes, ...openApiRoutes(routes, VERSION)], VERSION),
  );

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
    polling,
    inbound,
    outbound,
    ledger,
    store,
    service,
    auditStore,
    operators,
    letters,
    lookup,
    operations,
    leases: new LeaseStore(redis),
    directory,
    watched,
    yields,
    subscriptions,
    processes,
    loginStore,
    /** what came of each try to log in */
    logins,
    errors,
    feed,
    feedErrors,
    sampler,
    routes,
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
      await feeding;
      await closeServer(server);
      await Promise.all(queues.map((queue) => queue.close()));
      await closeRedis(redis);
      if (!options.beside) await redisServer.stop();
    },
  };
}
