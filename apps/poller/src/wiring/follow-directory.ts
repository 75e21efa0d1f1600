import { JOBS, type MailboxState, QUEUES } from '@ms1/contracts';
import type { FleetProcess } from '@ms1/process';
import { askOnce, syncSchedulers } from '@ms1/queue';

import { createForgetRemoved } from '../mailboxes/forget-removed.ts';
import { folderSchedules } from '../scheduling/folder-schedules.ts';
import type { Directory, PollerStores } from './open-stores.ts';

export interface FollowOptions extends Directory {
  stores: PollerStores;
  /** ms */
  pollEveryMs: number;
  auditEveryMs: number;
}

/** Makes schedules, cursors and subscriptions follow the directory of mailboxes. */
export function followDirectory(
  { queue }: Pick<FleetProcess, 'queue'>,
  { directory, mailboxes, stores, ...every }: FollowOptions,
) {
  const polling = queue(QUEUES.polling);
  /** What is subscribed to; with `active`, what is walked. */
  const foldersOf = (states: readonly MailboxState[]) =>
    mailboxes.current
      .listed()
      .flatMap(({ state, mailboxId }) =>
        states.includes(state) ? mailboxes.current.foldersOf(mailboxId) : [],
      );
  const askForRenewal = () => polling.add(JOBS.renewSubscriptions, { v: 1 }, askOnce('renewal'));
  const forgetRemoved = createForgetRemoved({
    lease: stores.walkLease,
    directory,
    cursors: stores.cursors,
    forgetLease: stores.forgetWalkLease,
  });
  const sync = async (): Promise<void> => {
    await syncSchedulers(polling, folderSchedules({ ...every, folders: foldersOf(['active']) }));
    await forgetRemoved(mailboxes.current.entries);
  };
  mailboxes.onChange(async () => {
    await askForRenewal();
    await sync();
  });
  return { foldersOf, askForRenewal, sync };
}
