import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { FolderRef } from '@ms1/contracts';
import type { LeaseStore } from '@ms1/coordination';
import type { GraphClients } from '@ms1/graph-client';
import type { PushYieldStore, WatchedDirectory } from '@ms1/mailboxes';

import { underLease } from '../leases/under-lease.ts';
import { renewEachTenant } from './renew-each-tenant.ts';
import {
  type RenewalOptions,
  type RenewalReport,
  renewSubscriptions,
} from './renew-subscriptions.ts';
import { renewUntilDone } from './renew-until-done.ts';

/** ms; kept while the renewal goes on, and a killed process's is free before the next tick but one */
const LEASE_MS = 60_000;

type Folder = FolderRef & { tenantId: string };

export interface CreateRenewalOptions {
  leases: Pick<LeaseStore, 'acquire'>;
  mailboxes: Pick<WatchedDirectory, 'refresh'>;
  graph: Pick<GraphClients, 'of' | 'tenantIds'>;
  table: RenewalOptions['table'];
  /** what is to be announced, of all tenants; nothing without a notification URL */
  folders: () => Folder[];
  /** has anybody ever said what is to be done with the mailbox? */
  isKnown: (mailboxId: string) => boolean;
  yields: Pick<PushYieldStore, 'rebuildsAsked' | 'rebuilt'>;
  kind: Pick<RenewalOptions, 'notificationUrl' | 'lifetimeMs'>;
  clock: RenewalOptions['clock'];
  random: RenewalOptions['random'];
  /** asks for a walk of a folder, to find what arrived unannounced */
  pollNow: (folder: Folder) => Promise<unknown>;
}

/** The job `renew-subscriptions`: of one process at a time, for every tenant, again soon while something of it fails. */
export function createRenewal(
  options: CreateRenewalOptions,
): (signal: AbortSignal) => Promise<RenewalReport | null> {
  const { leases, mailboxes, graph, folders, yields } = options;
  const wait = (ms: number, signal: AbortSignal): Promise<unknown> =>
    delay(ms, undefined, { signal });
  const renewAll = async (signal: AbortSignal): Promise<RenewalReport> => {
    // This process may have been asked before it heard of a new mailbox.
    await mailboxes.refresh();
    const announced = folders();
    const mute = await yields.rebuildsAsked(announced);
    const renew = (tenantId: string): Promise<RenewalReport> =>
      renewSubscriptions(ofTenant(options, tenantId, { announced, mute }), signal);
    return renewEachTenant(graph.tenantIds, renew, signal);
  };
  return underLease({ acquire: () => leases.acquire('renew-subscriptions', LEASE_MS) }, (signal) =>
    renewUntilDone({ run: renewAll, wait }, signal),
  );
}

function ofTenant(
  { graph, table, isKnown, yields, kind, clock, random, pollNow }: CreateRenewalOptions,
  tenantId: string,
  { announced, mute }: { announced: readonly Folder[]; mute: readonly FolderRef[] },
): RenewalOptions {
  return {
    graph: graph.of(tenantId).subscriptions,
    table: tableOf(table, tenantId),
    tenantId,
    folders: announced.filter((folder) => folder.tenantId === tenantId),
    mute,
    isKnown,
    ...kind,
    clock,
    random,
    newSecret: () => randomBytes(32).toString('base64url'),
    onCreated: async (folder) => {
      await yields.rebuilt(folder);
      await pollNow({ ...folder, tenantId });
    },
  };
}

/** Those of one tenant: Graph lists no other's, and what it does not list is asked after. */
function tableOf(table: RenewalOptions['table'], tenantId: string): RenewalOptions['table'] {
  return {
    list: async () => (await table.list()).filter((one) => one.tenantId === tenantId),
    put: (record) => table.put(record),
    remove: (id) => table.remove(id),
  };
}
