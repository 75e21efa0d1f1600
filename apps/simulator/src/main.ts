/** A Microsoft Graph and an MS4 that behave as their contracts say, with faults on command. For trials, tests and benchmarks. */
import { App, closeServer, configOrExit, createLogger, listen } from '@ms1/runtime';

import { Config } from './config.ts';
import { healthOf } from './http/health.ts';
import { serve } from './http/serve.ts';
import { Simulator } from './simulator.ts';

// config
const config = configOrExit(Config, process.env);
const logger = createLogger('simulator', config.LOG_LEVEL);
const app = new App({ logger, shutdownTimeoutMs: config.SHUTDOWN_TIMEOUT_MS });

// connect
const simulator = await app.acquire(
  'ledgers',
  () =>
    new Simulator({
      token: config.SIMULATOR_TOKEN,
      seed: config.SIMULATOR_SEED,
      mailboxes: config.SIMULATOR_MAILBOXES,
      dataDir: config.SIMULATOR_DATA_DIR,
      graphLatencyMs: config.SIMULATOR_GRAPH_LATENCY_MS,
      graphMessageMs: config.SIMULATOR_GRAPH_MESSAGE_MS,
      graphAttachmentMs: config.SIMULATOR_GRAPH_ATTACHMENT_MS,
      ms4LatencyMs: config.SIMULATOR_MS4_LATENCY_MS,
      ms4BodyBytesMax: config.SIMULATOR_MS4_BODY_BYTES_MAX,
      windowRequests: config.SIMULATOR_GRAPH_WINDOW_REQUESTS,
      windowMs: config.SIMULATOR_GRAPH_WINDOW_MS,
      recordRequests: config.SIMULATOR_RECORD_REQUESTS,
      onError: (error) => logger.error({ err: error }, 'injection failed'),
    }),
  (opened) => opened.close(),
);

// wire
const server = serve(async (call) => (await healthOf(app, call)) ?? simulator.handle(call), {
  // Above what MS4 takes, so that it is MS4 that refuses.
  bodyBytesMax: 2 * config.SIMULATOR_MS4_BODY_BYTES_MAX,
  onError: (error) => logger.error({ err: error }, 'request failed'),
});

// run
const port = await app.acquire(
  'http',
  () =>
    listen(server, {
      host: config.SIMULATOR_HOST,
      port: config.SIMULATOR_PORT,
      variable: 'SIMULATOR_PORT',
    }),
  () => closeServer(server),
);
logger.info(
  { port, tenantId: simulator.tenant.id, mailboxes: config.SIMULATOR_MAILBOXES },
  'simulator started',
);

// shutdown
process.exit(await app.run());
