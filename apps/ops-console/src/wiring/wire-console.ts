import { keyPrefixes } from '@ms1/contracts';
import { LogLevelStore } from '@ms1/coordination';
import type { OpenDirectory } from '@ms1/process';
import { JobStripper, rewriteJournal } from '@ms1/queue';
import { ownersOf, readServerFacts } from '@ms1/redis';
import { type Clock, systemClock, VERSION } from '@ms1/runtime';

import { actionRoutes } from '../api/action-routes.ts';
import { auditRoutes } from '../api/audit-routes.ts';
import { browseRoutes } from '../api/browse-routes.ts';
import { dailyRoutes } from '../api/daily-routes.ts';
import { deadLetterRoutes } from '../api/dead-letter-routes.ts';
import { doctorRoutes } from '../api/doctor-routes.ts';
import { findRoutes } from '../api/find-routes.ts';
import { fleetRoutes } from '../api/fleet-routes.ts';
import { forgetRoutes } from '../api/forget-routes.ts';
import { historyRoutes } from '../api/history-routes.ts';
import { Idempotency } from '../api/idempotency.ts';
import { logLevelRoutes } from '../api/log-level-routes.ts';
import { mailRoutes } from '../api/mail-routes.ts';
import { mailboxRoutes } from '../api/mailbox-routes.ts';
import { messageRoutes } from '../api/message-routes.ts';
import { operationRoutes } from '../api/operation-routes.ts';
import { queueRoutes } from '../api/queue-routes.ts';
import { rulesTestRoutes } from '../api/rules-test-routes.ts';
import { sessionRoutes } from '../api/session-routes.ts';
import { statusRoutes } from '../api/status-routes.ts';
import { subscriptionRoutes } from '../api/subscription-routes.ts';
import { tenantRoutes } from '../api/tenant-routes.ts';
import { AuditService } from '../audits/audit-service.ts';
import { type ConsoleOptions, createConsole } from '../create-console.ts';
import { ConsoleDoctor } from '../doctor/console-doctor.ts';
import { ForgetService, type ForgetServiceOptions } from '../forgetting/forget-service.ts';
import { liveRoutes } from '../live/live-routes.ts';
import type { MailGraph } from '../mail/fetch-mail.ts';
import { MailReader } from '../mail/mail-reader.ts';
import { readFreshness } from '../mailboxes/read-freshness.ts';
import { readOnTime } from '../mailboxes/read-on-time.ts';
import { createWorkOf } from '../operations/work-of.ts';
import { figuresOf } from '../sessions/compare-sessions.ts';
import { MailboxFolders } from '../sessions/mailbox-folders.ts';
import { SessionRates } from '../sessions/session-rates.ts';
import { SessionService } from '../sessions/session-service.ts';
import { type ConsoleRedis, openStores, type StoreOptions } from './open-stores.ts';
import { type LiveOptions, wireLive } from './wire-live.ts';

export interface WireConsoleOptions
  extends Pick<ConsoleOptions, 'access' | 'page' | 'onLogin' | 'onError'>,
    OpenDirectory {
  clock: Clock;
  lookupKey: string | undefined;
  limits?: StoreOptions['limits'];
  /** to read single messages for people; null: it has no credential for it */
  graph: MailGraph | null;
  /** what the checks of the installation read */
  env: Readonly<Record<string, string | undefined>>;
  feed: LiveOptions['feed'];
  forget: Omit<
    ForgetServiceOptions,
    'tools' | 'runs' | 'directory' | 'operators' | 'rewriteJournal'
  >;
  /** of a mailbox that is added without: its tenant, and its folders */
  tenantId: string | undefined;
  folders: readonly string[];
}

/** The private listener, with everything that it shows and commands. */
export function wireConsole(at: ConsoleRedis, options: WireConsoleOptions) {
  const { clock, lookupKey, limits, directory, mailboxes: watched } = options;
  const prefixes = keyPrefixes(at.prefix, at.shards);
  const stores = openStores(at, { clock, lookupKey, limits });
  const { polling, ledger, locate, yields, subscriptions } = stores;
  const mailboxes = new MailboxFolders(watched);
  const sessions = new SessionService({ sessions: stores.sessions, polling, mailboxes });
  const audits = new AuditService({ audits: stores.audits, polling, mailboxes, clock });
  const live = wireLive({ stores, mailboxes: watched, clock, feed: options.feed });
  const forgetting = new ForgetService({
    tools: {
      strippers: stores.messageQueues.map((queue) => new JobStripper(queue, at.payloads)),
      index: stores.index,
      isSearchable: stores.lookup !== null,
      clock: systemClock,
    },
    runs: stores.forgetRuns,
    directory: watched,
    operators: stores.operators,
    rewriteJournal: () => rewriteJournal(ownersOf(at.redis, prefixes)),
    ...options.forget,
  });
  const places = {
    ledger,
    locate,
    index: stores.lookup,
    mailboxes: watched,
    queues: stores.messageQueues,
    payloads: at.payloads,
  };
  const mail = {
    reader: new MailReader({ ...places, graph: options.graph, clock, onError: options.onError }),
    piiRole: options.access.piiRole,
  };
  const handlers = {
    ...sessionRoutes(sessions, audits, new SessionRates(clock), (id) =>
      figuresOf(id, { sessions, audits, history: stores.history, clock }),
    ),
    ...auditRoutes(audits),
    // BullMQ notes by the system's clock when a letter died.
    ...operationRoutes(stores.operations),
    ...deadLetterRoutes({
      letters: stores.letters,
      operations: stores.operations,
      triage: stores.triage,
      clock: systemClock,
    }),
    ...findRoutes({ ...places, clock }),
    ...browseRoutes({
      ...places,
      operations: stores.operations,
      canPutBack: options.graph !== null,
      clock,
    }),
    ...mailboxRoutes({
      directory,
      watched,
      freshness: (entries) =>
        readFreshness(
          {
            yields,
            subscriptions,
            audits: stores.audits,
            sessions: stores.sessions,
            states: stores.states,
            onTime: (ids) => readOnTime(stores.tallies, ids, clock.now()),
            permits: stores.permits,
            clock,
          },
          entries,
        ),
      tenantId: options.tenantId,
      folders: options.folders,
    }),
    ...dailyRoutes({ tallies: stores.tallies, mailboxes: watched, clock }),
    ...rulesTestRoutes({
      tests: stores.rulesTests,
      mailboxes: watched,
      graph: options.graph,
      mail,
      onError: options.onError,
    }),
    ...tenantRoutes(directory),
    ...subscriptionRoutes({ subscriptions, polling }),
    ...messageRoutes(places),
    ...mailRoutes(mail),
    ...fleetRoutes({
      processes: stores.processes,
      redisFacts: () => readServerFacts(at.redis, prefixes),
    }),
    ...doctorRoutes(
      new ConsoleDoctor({ env: options.env, hasGraph: options.graph !== null, clock }),
    ),
    ...logLevelRoutes({ levels: new LogLevelStore(at.redis, { prefix: at.prefix }), clock }),
    ...actionRoutes(stores.operators),
    ...forgetRoutes(forgetting),
    ...queueRoutes({ queues: stores.queues, depths: stores.depths }),
    ...statusRoutes({ mailboxes, ledger, sessions: stores.sessions, mail }),
    ...liveRoutes(live.sampler, live.feed),
    ...historyRoutes(stores.history),
  };
  const app = createConsole({
    access: options.access,
    logins: stores.logins,
    tries: stores.tries,
    clock,
    version: VERSION,
    queues: stores.queues,
    payloads: at.payloads,
    handlers,
    operators: stores.operators,
    page: options.page,
    idempotency: new Idempotency(stores.idempotency),
    ping: () => at.redis.ping(),
    ...(options.onLogin && { onLogin: options.onLogin }),
    onError: options.onError,
  });
  const workOf = createWorkOf({
    letters: stores.letters,
    ledger,
    locate,
    index: stores.lookup,
    clock,
    putBack: options.graph && { graph: options.graph, mailboxes: watched, ...stores },
  });
  return { app, stores, sessions, audits, forgetting, workOf, ...live };
}
