import {
  type FolderRef,
  folderKey,
  type IngestMessage,
  messageKey,
  QUEUES,
  takenFrom,
} from '@ms1/contracts';
import { LeaseStore } from '@ms1/coordination';
import { AuditStore, Ledger, RETENTION_MS, SessionStore } from '@ms1/ledger';
import {
  CursorStore,
  type MailboxDirectory,
  PushYieldStore,
  SubscriptionStore,
  TallyStore,
  type WatchedDirectory,
} from '@ms1/mailboxes';
import type { FleetProcess } from '@ms1/process';
import { createJobLocator, InboundProducer, removeStranded, shardQueues } from '@ms1/queue';
import { systemClock } from '@ms1/runtime';
import { ownCursors } from '../mailboxes/own-cursors.ts';
import { StripProgress } from '../strip-progress.ts';

export interface Directory {
  directory: MailboxDirectory;
  mailboxes: WatchedDirectory;
}

/** Kept while a walk goes on; what a killed process held is free before the next tick but one, ms. */
const WALK_LEASE_MS = 60_000;

export type PollerStores = ReturnType<typeof openStores>;

/** The stores of this process, and the questions that need several of them. */
export function openStores(
  {
    redis,
    prefix,
    shards,
    payloads,
    queue,
  }: Pick<FleetProcess, 'redis' | 'prefix' | 'shards' | 'payloads' | 'queue'>,
  { mailboxes }: Pick<Directory, 'mailboxes'>,
) {
  const ledger = new Ledger(redis, { prefix, shards });
  const cursors = new CursorStore(redis, { prefix, shards });
  const sessions = new SessionStore(redis, { prefix, shards });
  const leases = new LeaseStore(redis, { prefix });
  const inbound = shardQueues(queue, QUEUES.inbound, shards);
  const messageQueues = [...inbound, ...shardQueues(queue, QUEUES.outbound, shards)];
  const producer = new InboundProducer({
    queues: inbound,
    ledger,
    payloads,
  });
  const walkName = (folder: FolderRef): string => `walk ${folderKey(folder)}`;
  return {
    ledger,
    cursors,
    positions: ownCursors(
      cursors,
      (mailboxId) => mailboxes.current.get(mailboxId)?.forgetBefore ?? null,
    ),
    audits: new AuditStore(redis, { prefix }),
    sessions,
    stripProgress: new StripProgress(redis, { prefix }),
    leases,
    tallies: new TallyStore(redis, { prefix }),
    walkLease: (folder: FolderRef) => leases.acquire(walkName(folder), WALK_LEASE_MS),
    forgetWalkLease: (folder: FolderRef) => leases.forget(walkName(folder)),
    yields: new PushYieldStore(redis, { prefix }),
    subscriptions: new SubscriptionStore(redis, { prefix }),
    producer,
    messageQueues,
    locate: createJobLocator(messageQueues),
    /** For messages whose jobs are gone: what is left of those would keep new ones out. */
    putBack: async (messages: readonly IngestMessage[]): Promise<void> => {
      await removeStranded(messageQueues, messages.map(messageKey));
      await producer.putBack(messages);
    },
    stateOf: (folder: FolderRef) => mailboxes.current.stateOf(folder),
    /** ms since the epoch: from when a folder without a position is read; as far back as a message is known at most */
    beginOf: ({ mailboxId, folderId }: FolderRef): number => {
      const entry = mailboxes.current.get(mailboxId);
      const now = systemClock.now();
      return Math.max(entry ? takenFrom(entry, folderId) : now, now - RETENTION_MS);
    },
  };
}
