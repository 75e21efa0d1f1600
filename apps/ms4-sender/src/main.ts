/** Takes `outbound` in batches and sends each to MS4 in one request. */

import { openProcess } from '@ms1/process';
import { configOrExit, endOfCertificate } from '@ms1/runtime';

import { Config } from './config.ts';
import { openMs4 } from './open-ms4.ts';
import { createSenderMetrics } from './sender-metrics.ts';
import { wireDelivery } from './wire-delivery.ts';

// config
const config = configOrExit(Config, process.env);

// connect
const fleet = await openProcess({ name: 'ms4-sender', config, redis: 'worker' });
const metrics = createSenderMetrics();
const ms4 = await openMs4(fleet, config, metrics);

fleet.endsAt('ms4', config.MS4_CLIENT_SECRET_EXPIRES ?? null);
fleet.endsAt('ms4', config.MS4_TLS_CERT ? endOfCertificate(config.MS4_TLS_CERT) : null);

// wire
const delivery = wireDelivery(fleet, config, ms4, metrics);

// run
fleet.app.start('deaths', delivery.deaths);
for (const worker of delivery.workers) fleet.app.start('worker', worker);
fleet.logger.info({ batchSize: config.MS4_SENDER_BATCH_SIZE }, 'ms4-sender started');

// shutdown
process.exit(await fleet.run());
