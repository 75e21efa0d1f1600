import { QUEUES } from '@ms1/contracts';
import {
  GraphPermits,
  LeaseStore,
  ProcessStore,
  readGate,
  readMailboxStates,
} from '@ms1/coordination';
import { permitOptionsOf } from '@ms1/graph-client';
import { AuditStore, Ledger, LookupIndex, SessionStore } from '@ms1/ledger';
import { PushYieldStore, RulesTestStore, SubscriptionStore, TallyStore } from '@ms1/mailboxes';
import type { FleetProcess } from '@ms1/process';
import {
  createJobLocator,
  DeadLetters,
  InboundProducer,
  readQueueDepths,
  removeStranded,
  shardQueues,
} from '@ms1/queue';
import type { Clock } from '@ms1/runtime';
import { IdempotencyStore } from '../api/idempotency-store.ts';
import { OperatorLog } from '../api/operator-log.ts';
import { LoginStore } from '../auth/login-store.ts';
import { LoginTries } from '../auth/login-tries.ts';
import { LOGIN_LIFETIME_MS } from '../auth/logins.ts';
import { TriageStore } from '../dead-letters/triage-store.ts';
import { ForgetRunStore } from '../forgetting/forget-run-store.ts';
import { HistoryStore } from '../history/history-store.ts';
import { sinceItsStage } from '../live/waiting-since.ts';
import { OperationStore } from '../operations/operation-store.ts';

/** Where a console finds what it shows. */
export type ConsoleRedis = Pick<FleetProcess, 'redis' | 'prefix' | 'shards' | 'payloads' | 'queue'>;

export type ConsoleStores = ReturnType<typeof openStores>;

export interface StoreOptions {
  clock: Clock;
  lookupKey: string | undefined;
  limits?: Parameters<typeof permitOptionsOf>[0] | undefined;
}

/**
 * What a console reads and writes in Redis.
 *
 * @param lookupKey LOOKUP_KEY, where mail is indexed
 * @param limits what Graph grants a mailbox, where it was configured
 */
export function openStores(
  { redis, prefix, shards, payloads, queue }: ConsoleRedis,
  { clock, lookupKey, limits }: StoreOptions,
) {
  const polling = queue(QUEUES.polling);
  const inbound = shardQueues(queue, QUEUES.inbound, shards);
  const messageQueues = [...inbound, ...shardQueues(queue, QUEUES.outbound, shards)];
  const queues = [polling, ...messageQueues];
  const ledger = new Ledger(redis, { prefix, shards });
  const index = new LookupIndex(redis, { prefix, shards, secret: lookupKey ?? '' });
  return {
    polling,
    messageQueues,
    queues,
    /** depths of all queues, with how long what waits has waited at its stage */
    depths: async () => sinceItsStage(await readQueueDepths(queues), (keys) => ledger.known(keys)),
    locate: createJobLocator(messageQueues),
    ledger,
    /** the way back onto `inbound`, for messages whose jobs are gone */
    producer: new InboundProducer({ queues: inbound, ledger, payloads }),
    removeStranded: (keys: readonly string[]) => removeStranded(messageQueues, keys),
    letters: new DeadLetters(messageQueues),
    operations: new OperationStore(redis, { prefix, clock }),
    triage: new TriageStore(redis, { prefix, clock }),
    leases: new LeaseStore(redis, { prefix }),
    sessions: new SessionStore(redis, { prefix, shards, clock }),
    audits: new AuditStore(redis, { prefix, clock }),
    yields: new PushYieldStore(redis, { prefix, clock }),
    subscriptions: new SubscriptionStore(redis, { prefix }),
    tallies: new TallyStore(redis, { prefix, clock }),
    rulesTests: new RulesTestStore(redis, { prefix, clock }),
    processes: new ProcessStore(redis, { prefix }),
    history: new HistoryStore(redis, { prefix }),
    operators: new OperatorLog(redis, { prefix }),
    /** to remove entries, by message key: that takes no secret */
    index,
    /** to find by; null: mail is not indexed */
    lookup: lookupKey === undefined ? null : index,
    forgetRuns: new ForgetRunStore(redis, { prefix }),
    idempotency: new IdempotencyStore(redis, { prefix }),
    logins: new LoginStore(redis, { prefix, clock, lifetimeMs: LOGIN_LIFETIME_MS }),
    tries: new LoginTries(redis, { prefix, clock }),
    states: (mailboxIds: readonly string[]) =>
      readMailboxStates(redis, mailboxIds, { prefix, shards }),
    permits: new GraphPermits(redis, { prefix, shards, ...(limits && permitOptionsOf(limits)) }),
    gate: () => readGate(redis, { prefix, service: 'ms4' }),
  };
}
