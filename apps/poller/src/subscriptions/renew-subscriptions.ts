import type { FolderRef } from '@ms1/contracts';
import {
  GraphConflictError,
  GraphRequestError,
  type Subscription,
  type Subscriptions,
} from '@ms1/graph-client';
import type { SubscriptionRecord, SubscriptionStore } from '@ms1/mailboxes';
import { type Clock, failpoint } from '@ms1/runtime';
import pLimit from 'p-limit';

import { askAfter, isSecond } from './ask-after.ts';
import { planRenewal } from './plan-renewal.ts';

export interface RenewalOptions {
  graph: Pick<Subscriptions, 'create' | 'get' | 'list' | 'renew' | 'remove'>;
  table: Pick<SubscriptionStore, 'list' | 'put' | 'remove'>;
  tenantId: string;
  /** the folders that are to be announced; none when there is no notification URL */
  folders: readonly FolderRef[];
  /** has anybody ever said what is to be done with the mailbox? */
  isKnown: (mailboxId: string) => boolean;
  notificationUrl: string;
  lifetimeMs: number;
  /** folders whose live subscription says nothing of the mail that delta finds; default none */
  mute?: readonly FolderRef[];
  clock: Clock;
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
  /** Graph says once that it does not have them: to be asked again soon */
  missing: number;
  /** what could not be done; the next run tries again */
  failures: unknown[];
}

/**
 * Folders worked on at once: one whose endpoint does not answer keeps Graph for 10 s and us for up to
 * four calls, and the others must not wait for it.
 */
const AT_ONCE = 5;

/**
 * ms; what Graph granted at most until 2024, for a tenant that refuses more
 * (docs/graph-contract.md#subscription-lifetime)
 */
const LIFETIME_FALLBACK_MS = 4_230 * 60_000;

/**
 * Makes it so that each folder has exactly one live subscription of ours, and nothing else of ours is
 * left at Graph. What one folder's trouble is does not stop the others, and a list that cannot be read is a
 * failure that stops no renewal. To be run by one process at a time.
 */
export async function renewSubscriptions(
  options: RenewalOptions,
  signal: AbortSignal,
): Promise<RenewalReport> {
  const { graph, table, clock, random, lifetimeMs, notificationUrl } = options;
  const report: RenewalReport = {
    created: 0,
    renewed: 0,
    removed: 0,
    kept: 0,
    missing: 0,
    failures: [],
  };
  const kept = await table.list();
  const live = await listed(options, report, signal);
  const { gone, missing } = await askAfter(unlisted(kept, live), {
    graph,
    table,
    clock,
    signal,
    limit: AT_ONCE,
    random,
    onFailure: (error) => report.failures.push(error),
  });
  report.missing = missing.length;
  const plan = planRenewal({
    folders: options.folders,
    kept,
    live: live ?? [],
    missing: missing.map(idOf),
    gone: gone.map(idOf),
    isKnown: options.isKnown,
    notificationUrl,
    now: clock.now(),
    lifetimeMs,
    // Half of the life, and up to a tenth of it earlier, so that folders subscribed together drift apart.
    renewBelow: 0.5 + random() / 10,
    mute: options.mute ?? [],
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
      await failpoint('poller:after-unsubscribe');
      await table.remove(subscriptionId);
      report.removed += 1;
    });
  }
  for (const subscriptionId of plan.forget) await attempt(() => table.remove(subscriptionId));
  const limited = pLimit(AT_ONCE);
  // Waits for those in hand also when it is to stop: whoever comes next must not meet them.
  const ends = await Promise.allSettled([
    ...plan.renew.map((record) => limited(attempt, () => renew(options, record, report, signal))),
    ...plan.create.map((one) =>
      limited(attempt, () => create(options, one, live ?? [], report, signal)),
    ),
  ]);
  const stopped = ends.find((end) => end.status === 'rejected');
  if (stopped) throw stopped.reason;
  return report;
}

const idOf = ({ subscriptionId }: SubscriptionRecord): string => subscriptionId;

/** null when it cannot be read: then nobody is in doubt, and nothing is an orphan. */
async function listed(
  { graph }: RenewalOptions,
  report: RenewalReport,
  signal: AbortSignal,
): Promise<Subscription[] | null> {
  try {
    return await graph.list(signal);
  } catch (error) {
    signal.throwIfAborted();
    report.failures.push(error);
    return null;
  }
}

function unlisted(
  kept: readonly SubscriptionRecord[],
  live: readonly Subscription[] | null,
): SubscriptionRecord[] {
  if (live === null) return [];
  const ids = new Set(live.map(({ id }) => id.toLowerCase()));
  return kept.filter(({ subscriptionId }) => !ids.has(subscriptionId));
}

async function renew(
  options: RenewalOptions,
  record: SubscriptionRecord,
  report: RenewalReport,
  signal: AbortSignal,
): Promise<void> {
  const { graph, table, clock } = options;
  const renewed = await asLongAs(options, (expiresAt) =>
    graph.renew(record.subscriptionId, expiresAt, signal),
  );
  if (renewed === null) {
    if (!isSecond(record, clock.now())) {
      const missingAt = record.missingAt ?? new Date(clock.now()).toISOString();
      await table.put({ ...record, missingAt });
      report.missing += 1;
      return;
    }
    await table.remove(record.subscriptionId);
    await create(options, record, [], report, signal);
    return;
  }
  await failpoint('poller:after-renew');
  // The expiry that Graph granted, whatever was asked for (docs/graph-contract.md#subscription-lifetime).
  await table.put({ ...record, ...granted(renewed, options), missingAt: undefined });
  report.renewed += 1;
}

async function create(
  options: RenewalOptions,
  { mailboxId, folderId }: FolderRef,
  live: readonly Subscription[],
  report: RenewalReport,
  signal: AbortSignal,
): Promise<void> {
  const { graph, table, tenantId, notificationUrl, newSecret } = options;
  const clientState = newSecret();
  const request = { mailboxId, folderId, notificationUrl, clientState };
  const ask = () =>
    asLongAs(options, (expiresAt) => graph.create({ ...request, expiresAt }, signal));
  let created: Awaited<ReturnType<typeof graph.create>>;
  try {
    created = await ask();
  } catch (error) {
    if (!(error instanceof GraphConflictError)) throw error;
    // Somebody's with our app id for this folder. Its secret is not to be had, so it is replaced.
    const others = live.length > 0 ? live : await graph.list(signal);
    const same = others.filter((other) => watches(other, request));
    if (same.length === 0) throw error;
    for (const { id } of same) await graph.remove(id, signal);
    created = await ask();
  }
  await failpoint('poller:after-subscribe');
  await table.put({
    subscriptionId: created.id.toLowerCase(),
    tenantId,
    mailboxId,
    folderId,
    clientState,
    notificationUrl,
    ...granted(created, options),
  });
  report.created += 1;
  await options.onCreated({ mailboxId, folderId });
}

/**
 * Asks for the configured life, and for the older cap where that is refused. By status: Graph says in
 * text alone what it refuses, and a request that is wrong otherwise is refused again.
 */
async function asLongAs<T>(
  { clock, lifetimeMs }: RenewalOptions,
  ask: (expiresAt: number) => Promise<T>,
): Promise<T> {
  try {
    return await ask(clock.now() + lifetimeMs);
  } catch (error) {
    const refused = error instanceof GraphRequestError && error.status === 400;
    if (!refused || lifetimeMs <= LIFETIME_FALLBACK_MS) throw error;
    return ask(clock.now() + LIFETIME_FALLBACK_MS);
  }
}

function granted(
  { expiresAt }: Subscription,
  { clock }: RenewalOptions,
): Pick<SubscriptionRecord, 'expiresAt' | 'renewedAt' | 'lifeMs'> {
  const now = clock.now();
  return {
    expiresAt: new Date(expiresAt).toISOString(),
    renewedAt: new Date(now).toISOString(),
    lifeMs: expiresAt - now,
  };
}

/** Is it a subscription to created messages of the folder, in whichever way its resource is spelled? */
function watches({ resource, changeType }: Subscription, folder: FolderRef): boolean {
  const spelled = resource.toLowerCase();
  return (
    changeType === 'created' &&
    spelled.includes(folder.mailboxId.toLowerCase()) &&
    spelled.includes(folder.folderId.toLowerCase())
  );
}
