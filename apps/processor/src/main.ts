/** Takes `inbound` in batches, completes each message from Graph, and hands its record over to `outbound`. */

import { openDirectory, openGraph, openProcess } from '@ms1/process';
import { configOrExit } from '@ms1/runtime';

import { Config } from './config.ts';
import { wirePreparing } from './wire-preparing.ts';

// config
const config = configOrExit(Config, process.env);

// connect
const fleet = await openProcess({ name: 'processor', config, redis: 'worker' });
const { mailboxes } = await openDirectory(fleet);
const graph = await openGraph(fleet, {
  config,
  mailboxes,
  // The messages of a mailbox that is held go back at once: the others of the batch do not wait for it.
  holdWaitMsMax: 0,
});

// wire
const preparing = wirePreparing(fleet, { config, graph, mailboxes });

// run
fleet.app.start('mailboxes', mailboxes.watch);
fleet.app.start('deaths', preparing.deaths);
fleet.app.start('rules tests', preparing.rulesTests);
for (const worker of preparing.workers) fleet.app.start('worker', worker);
fleet.logger.info({ batchSize: config.PROCESSOR_BATCH_SIZE }, 'processor started');

// shutdown
process.exit(await fleet.run());
