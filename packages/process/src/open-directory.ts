import { mailboxSeed } from '@ms1/graph-client';
import { MailboxDirectory, WatchedDirectory } from '@ms1/mailboxes';
import { atStart } from '@ms1/queue';

import type { FleetProcess } from './open-process.ts';

export interface OpenDirectory {
  directory: MailboxDirectory;
  /** read once; its {@link WatchedDirectory.watch} is a task for whoever opened it to start */
  mailboxes: WatchedDirectory;
}

/**
 * The mailboxes as this process sees them.
 *
 * @param config of a process that also puts into the directory what its environment names
 */
export async function openDirectory(
  { app, logger, redis, prefix }: Pick<FleetProcess, 'app' | 'logger' | 'redis' | 'prefix'>,
  config?: Parameters<typeof mailboxSeed>[0],
): Promise<OpenDirectory> {
  const directory = new MailboxDirectory(redis, { prefix });
  const mailboxes = new WatchedDirectory({
    directory,
    onError: (err) => logger.warn({ err }, 'directory of mailboxes not followed'),
    onReset: () => logger.error('store was reset: what is remembered of mailboxes is put back'),
  });
  const seed = config && mailboxSeed(config);
  await app.acquire('mailboxes', () =>
    atStart(async () => {
      if (seed) await directory.seed(seed);
      await mailboxes.refresh();
    }),
  );
  return { directory, mailboxes };
}
