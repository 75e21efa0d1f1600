import { folderKey, JOBS, type MailboxState, QUEUES } from '@ms1/contracts';
import type { FleetProcess } from '@ms1/process';
import { askOnce, syncSchedulers } from '@ms1/queue';

import { createForgetRemoved } from '../mailboxes/forget-removed.ts';
import type { WalkedFolder } from '../polling/walk-folder.ts';
import { folderSchedules } from '../scheduling/folder-schedules.ts';
import type { Directory, PollerStores } from './open-stores.ts';

/** Asks for a walk of one folder, unless one waits already. */
export function walkNow(folder: WalkedFolder) {
  const data = { v: 1, ...folder };
  return { name: JOBS.pollFolder, data, opts: askOnce(`walk-${folderKey(folder)}`) };
}

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
  let scheduled: ReadonlySet<string> | undefined;
  const sync = async (): Promise<void> => {
    const folders = foldersOf(['active']);
    const schedules = folderSchedules({ ...every, folders });
    const ticking = await syncSchedulers(polling, schedules);
    const before = scheduled;
    // Its next round may be an interval away. At a start whatever was added since the fleet last ran is new.
    const first = before
      ? folders.filter((folder) => !before.has(folderKey(folder))).map((folder) => walkNow(folder))
      : schedules
          .filter(({ id, name }) => name === JOBS.pollRound && !ticking.has(id))
          .map(({ id, name, data }) => ({ name, data, opts: askOnce(id) }));
    if (first.length > 0) await polling.addBulk(first);
    scheduled = new Set(folders.map(folderKey));
    await forgetRemoved(mailboxes.current.entries);
  };
  mailboxes.onChange(async () => {
    await askForRenewal();
    await sync();
  });
  return { foldersOf, askForRenewal, sync };
}
