import { type FolderRef, GraphConflictError, type Subscriptions } from '@ms1/graph-client';

import { type LiveSubscription, planRenewal, type SubscriptionPlan } from './plan-renewal.ts';

/** What is kept of a subscription. The clientState is a secret. */
export interface KeptSubscription {
  subscriptionId: string;
  tenantId: string;
  mailboxId: string;
  folderId: string;
  clientState: string;
  /** RFC 3339 UTC */
  expiresAt: string;
  notificationUrl: string;
}

/** Where subscriptions are kept, and where ingest-api looks them up. `SubscriptionStore` is one. */
interface SubscriptionTable {
  list(): Promise<KeptSubscription[]>;
  put(record: KeptSubscription): Promise<void>;
  remove(subscriptionId: string): Promise<void>;
}

export interface RenewalOptions {
  graph: Pick<Subscriptions, 'create' | 'list' | 'renew' | 'remove'>;
  table: SubscriptionTable;
  tenantId: string;
  /** the folders that are to be announced; none when there is no notification URL */
  folders: readonly FolderRef[];
  notificationUrl: string;
  lifetimeMs: number;
  clock: { now(): number };
  /** [0, 1) */
  random: () => number;
  /** 32 random bytes as text */
  newSecret: () => string;
  /** called for a folder that has a new subscription: what arrived unannounced before it is to be found */
  onCreated: (folder: FolderRef) => Promise<unknown>;
}

export interface RenewalReport {
  created: number;
  renewed: number;
  removed: number;
  kept: number;
  /** what could not be done; the next run tries again */
  failures: unknown[];
}

/**
 * Makes it so that each folder has exactly one live subscription of ours, and nothing else of ours is
 * left at Graph. What one folder's trouble is does not stop the others. To be run by one process at a time.
 *
 * @throws {GraphError} when Graph's list could not be read: nothing was changed
 */
export async function renewSubscriptions(
  options: RenewalOptions,
  signal: AbortSignal,
): Promise<RenewalReport> {
  const { graph, table, clock, random, lifetimeMs, notificationUrl } = options;
  const report: RenewalReport = { created: 0, renewed: 0, removed: 0, kept: 0, failures: [] };
  const live = await graph.list(signal);
  const plan = planRenewal({
    folders: options.folders,
    kept: await table.list(),
    live,
    notificationUrl,
    now: clock.now(),
    // Half of the life, and up to a tenth of it earlier, so that folders subscribed together drift apart.
    renewBelowMs: lifetimeMs * (0.5 + random() / 10),
  });
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    signal.throwIfAborted();
    try {
      await work();
    } catch (error) {
      report.failures.push(error);
    }
  };

  report.kept = plan.keep.length;
  for (const subscriptionId of plan.remove) {
    await attempt(async () => {
      await graph.remove(subscriptionId, signal);
      await table.remove(subscriptionId);
      report.removed += 1;
    });
  }
  for (const subscriptionId of plan.forget) await attempt(() => table.remove(subscriptionId));
  for (const record of plan.renew) {
    await attempt(() => renew(options, record, report, signal));
  }
  for (const folder of plan.create) {
    await attempt(() => create(options, folder, live, report, signal));
  }
  return report;
}

async function renew(
  options: RenewalOptions,
  record: SubscriptionPlan<KeptSubscription>['renew'][number],
  report: RenewalReport,
  signal: AbortSignal,
): Promise<void> {
  const { graph, table, clock, lifetimeMs } = options;
  const renewed = await graph.renew(record.subscriptionId, clock.now() + lifetimeMs, signal);
  if (renewed === null) {
    await table.remove(record.subscriptionId);
    await create(options, record, [], report, signal);
    return;
  }
  // The expiry that Graph granted, whatever was asked for (Graph contract 2.3).
  await table.put({ ...record, expiresAt: new Date(renewed.expiresAt).toISOString() });
  report.renewed += 1;
}

async function create(
  options: RenewalOptions,
  { mailboxId, folderId }: FolderRef,
  live: readonly LiveSubscription[],
  report: RenewalReport,
  signal: AbortSignal,
): Promise<void> {
  const { graph, table, tenantId, notificationUrl, clock, lifetimeMs, newSecret } = options;
  const clientState = newSecret();
  const request = {
    mailboxId,
    folderId,
    notificationUrl,
    clientState,
    expiresAt: clock.now() + lifetimeMs,
  };
  let created: Awaited<ReturnType<typeof graph.create>>;
  try {
    created = await graph.create(request, signal);
  } catch (error) {
    if (!(error instanceof GraphConflictError)) throw error;
    // Somebody's with our app id for this folder. Its secret is not to be had, so it is replaced.
    const others = live.length > 0 ? live : await graph.list(signal);
    const same = others.filter((other) => watches(other, request));
    if (same.length === 0) throw error;
    for (const { id } of same) await graph.remove(id, signal);
    created = await graph.create(request, signal);
  }
  await table.put({
    subscriptionId: created.id.toLowerCase(),
    tenantId,
    mailboxId,
    folderId,
    clientState,
    expiresAt: new Date(created.expiresAt).toISOString(),
    notificationUrl,
  });
  report.created += 1;
  await options.onCreated({ mailboxId, folderId });
}

/** Is it a subscription to created messages of the folder, in whichever way its resource is spelled? */
function watches({ resource, changeType }: LiveSubscription, folder: FolderRef): boolean {
  const spelled = resource.toLowerCase();
  return (
    changeType === 'created' &&
    spelled.includes(folder.mailboxId.toLowerCase()) &&
    spelled.includes(folder.folderId.toLowerCase())
  );
}
