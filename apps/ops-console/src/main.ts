/** What operators see and command: the page and Bull Board behind a login, and the API of sessions, queues and status. */
import { createServer } from 'node:http';
import { keyPrefixes } from '@ms1/contracts';
import { openDirectory, openProcess } from '@ms1/process';
import { readServerFacts } from '@ms1/redis';
import { closeServer, configOrExit, listen, systemClock } from '@ms1/runtime';

import { watchAlerts } from './alerts/watch-alerts.ts';
import { accessOf } from './auth/access-config.ts';
import { Config } from './config.ts';
import { createFleetMetrics } from './live/fleet-metrics.ts';
import { logLogin } from './log-login.ts';
import { openMailGraph } from './mail/open-mail-graph.ts';
import { bundlePage } from './page/bundle-page.ts';
import { consoleTasks } from './wiring/console-tasks.ts';
import { wireConsole } from './wiring/wire-console.ts';

// config
const config = configOrExit(Config, process.env);

// connect
const fleet = await openProcess({ name: 'ops-console', config, redis: 'producer' });
const { app, logger } = fleet;
const { directory, mailboxes } = await openDirectory(fleet, config);
const graph = await app.acquire('mail', () => openMailGraph(fleet, { config, mailboxes }));
const page = await app.acquire('page', bundlePage);

// wire
const ops = wireConsole(fleet, {
  access: accessOf(config),
  page,
  directory,
  mailboxes,
  clock: systemClock,
  lookupKey: config.LOOKUP_KEY,
  limits: config,
  graph,
  env: process.env,
  tenantId: config.GRAPH_TENANT_ID,
  folders: config.MAILBOX_FOLDERS,
  feed: { onError: (err) => logger.warn({ err }, 'looking at the service failed') },
  forget: {
    onEnded: ({ id, status, dryRun, found, removed, left }) =>
      logger.info({ forgetId: id, status, dryRun, found, removed, left }, 'somebody was forgotten'),
    onError: (err) => logger.warn({ err }, 'forgetting failed'),
    stopping: app.signal,
  },
  onLogin: logLogin(logger),
  onError: (err) => logger.error({ err }, 'request failed'),
});

createFleetMetrics({
  overview: () => ops.sampler.overview(),
  processes: () => ops.stores.processes.list(),
  subscriptions: () => ops.stores.subscriptions.list(),
  redis: () => readServerFacts(fleet.redis, keyPrefixes(fleet.prefix, fleet.shards)),
  clock: systemClock,
});
app.defer('forgetting', () => ops.forgetting.idle());

// run
const server = createServer(ops.app);
const where = { host: config.OPS_CONSOLE_HOST, port: config.OPS_CONSOLE_PORT };
const port = await app.acquire(
  'http',
  () => listen(server, { ...where, variable: 'OPS_CONSOLE_PORT' }),
  () => closeServer(server),
);
app.start('mailboxes', mailboxes.watch);
for (const [name, task] of Object.entries(consoleTasks(ops, fleet))) app.start(name, task);
if (config.ALERT_WEBHOOK_URL !== undefined) {
  const told = { ...config, ALERT_WEBHOOK_URL: config.ALERT_WEBHOOK_URL };
  app.start('alerts', await watchAlerts(fleet, told, ops, mailboxes));
}
logger.info({ port }, 'ops-console started');

// shutdown
process.exit(await fleet.run());
