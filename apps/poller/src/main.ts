/** Walks the folders of all mailboxes, looks after their subscriptions, and lists them for sessions. */

import { openDirectory, openGraph, openProcess } from '@ms1/process';
import { configOrExit } from '@ms1/runtime';

import { Config } from './config.ts';
import { keepSchedules } from './scheduling/keep-schedules.ts';
import { followDirectory } from './wiring/follow-directory.ts';
import { openStores } from './wiring/open-stores.ts';
import { wirePolling } from './wiring/wire-polling.ts';

// config
const config = configOrExit(Config, process.env);

// connect
const fleet = await openProcess({ name: 'poller', config, redis: 'worker' });
const { app, logger } = fleet;
const { directory, mailboxes } = await openDirectory(fleet, config);
const graph = await openGraph(fleet, {
  config,
  mailboxes,
  encryption: config.NOTIFICATION_CERTIFICATE,
});

// wire
const stores = openStores(fleet, { mailboxes });
const follow = followDirectory(fleet, {
  directory,
  mailboxes,
  stores,
  pollEveryMs: config.POLLER_INTERVAL_MS,
  auditEveryMs: config.POLLER_AUDIT_INTERVAL_MINUTES * 60_000,
});
const polling = wirePolling(fleet, { config, mailboxes, graph, stores, follow });

// run
app.start('worker', polling.worker);
app.start(
  'schedules',
  keepSchedules({
    sync: follow.sync,
    everyMs: 60_000,
    onError: (err) => logger.warn({ err }, 'schedules not repaired'),
  }),
);
app.start('mailboxes', mailboxes.watch);
// At once, whenever the next tick of a fleet that ran before would be.
await app.acquire('renewal', follow.askForRenewal);
if (mailboxes.current.listed().length === 0) {
  logger.warn('no mailbox yet: set MAILBOXES, or add one through the console');
}
logger.info(
  {
    folders: follow.foldersOf(['active']).length,
    announced: config.NOTIFICATION_URL !== undefined,
  },
  'poller started',
);

// shutdown
process.exit(await fleet.run());
