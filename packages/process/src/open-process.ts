import { keyPrefixes, type QueueName, shardPrefixes } from '@ms1/contracts';
import {
  type CredentialName,
  followLogLevel,
  LogLevelStore,
  type ProcessRecord,
  ProcessStore,
  reportAlive,
} from '@ms1/coordination';
import { ShardCount } from '@ms1/ledger';
import { atStart, createQueue, PayloadSealer, type payloadConfig } from '@ms1/queue';
import {
  closeRedis,
  connectRedis,
  createRedisCheck,
  type RedisRole,
  type RightsOf,
  type redisConfig,
  redisServerOf,
} from '@ms1/redis';
import {
  App,
  createLogger,
  type Logger,
  requireSecureOrigin,
  serveHealth,
  type sharedConfig,
  VERSION,
} from '@ms1/runtime';
import { closeTracing, openTracing } from '@ms1/tracing';
import type { z } from 'zod';

import { createProcessMetrics } from './process-metrics.ts';

type Shared = ReturnType<typeof sharedConfig> & typeof redisConfig & typeof payloadConfig;
/** What `sharedConfig`, `redisConfig` and `payloadConfig` read: the part of a process's configuration that its frame needs. */
type ProcessConfig = z.infer<z.ZodObject<Shared>>;

export interface ProcessOptions {
  name: RightsOf;
  config: ProcessConfig;
  redis: RedisRole;
}

/** A process of the fleet: everything that does not depend on what it does. */
export interface FleetProcess {
  readonly app: App;
  readonly logger: Logger;
  readonly redis: Awaited<ReturnType<typeof connectRedis>>;
  /** of every key in Redis */
  readonly prefix: string;
  /** hash tags that messages and mailboxes are spread over */
  readonly shards: number;
  /** seals and opens what jobs of messages carry */
  readonly payloads: PayloadSealer;
  /**
   * A queue to add to and to look at, or the part of it that is in a shard ({@link shardQueues}); the same one each time,
   * closed with the process. Its errors are logged.
   */
  readonly queue: <T = unknown>(
    name: QueueName,
    shard?: number,
  ) => ReturnType<typeof createQueue<T>>;
  /** notes when a credential of ours ends, ms since the epoch; null: nobody knows */
  readonly endsAt: (credential: CredentialName, at: number | null) => void;
  /** Says that the process is alive and ready, until it is told to stop. Answers with the exit code. */
  readonly run: () => Promise<number>;
}

/**
 * Opens a process of the fleet: log, Redis, and the private listener of health and metrics. What cannot be opened ends
 * the process with one sentence. It is ready from {@link FleetProcess.run} on, while all checks pass.
 */
export async function openProcess(options: ProcessOptions): Promise<FleetProcess> {
  const { name, config } = options;
  const { KEY_PREFIX: prefix, REDIS_SHARDS: shards } = config;
  const prefixes = keyPrefixes(prefix, shards);
  let lastError: ProcessRecord['lastError'];
  const logger = createLogger(name, config.LOG_LEVEL, (code) => {
    lastError = { at: Date.now(), code };
  });
  const app = new App({ logger, shutdownTimeoutMs: config.SHUTDOWN_TIMEOUT_MS });
  await app.acquire('traces', () => traceTo(name, config, logger), closeTracing);
  const redis = await app.acquire(
    'redis',
    () =>
      connectRedis({
        ...redisServerOf(config),
        role: options.redis,
        name,
        rights: { role: name, prefixes },
        onError: (err, count) => logger.warn({ err, count }, 'redis connection'),
      }),
    closeRedis,
  );
  createProcessMetrics(redis);
  const checks = prefixes.map((own) => createRedisCheck(redis, { prefix: own }));
  app.check('redis', async () => {
    await Promise.all(checks.map((check) => check()));
  });
  await app.acquire('shards', () => new ShardCount(redis, { prefix }).claim(shards, atStart));
  let isStarting = true;
  app.check('app', () => {
    if (isStarting) throw new Error('is starting');
  });
  await app.acquire(
    'health',
    () => serveHealth(app, { host: config.HEALTH_HOST, port: config.HEALTH_PORT }),
    (health) => health.close(),
  );
  const credentials: Partial<Record<CredentialName, number>> = {};
  const queues = new Map<string, ReturnType<typeof createQueue>>();
  return {
    app,
    logger,
    redis,
    prefix,
    shards,
    payloads: new PayloadSealer({
      keys: config.PAYLOAD_KEY,
      onUnknownKey: (keyId) => logger.error({ keyId }, 'jobs are sealed by a key that is not here'),
    }),
    queue<T>(queueName: QueueName, shard?: number) {
      const own = shard === undefined ? prefix : (shardPrefixes(prefix, shards)[shard] ?? prefix);
      const fullName = `${own}:${queueName}`;
      const opened = queues.get(fullName);
      if (opened) return opened as ReturnType<typeof createQueue<T>>;
      const queue = createQueue<T>(queueName, {
        connection: redis,
        prefix: own,
        onError: (err) => logger.warn({ err, queue: queueName }, 'queue'),
      });
      app.defer(`queue ${queueName}`, () => queue.close());
      queues.set(fullName, queue as ReturnType<typeof createQueue>);
      return queue;
    },
    endsAt(credential, at) {
      if (at !== null) credentials[credential] = Math.min(at, credentials[credential] ?? at);
    },
    run() {
      isStarting = false;
      const processes = new ProcessStore(redis, { prefix });
      app.start(
        'alive',
        reportAlive({
          processes,
          app: name,
          credentials,
          lastError: () => lastError,
          unready: () => app.unready(),
        }),
      );
      const levels = new LogLevelStore(redis, { prefix });
      app.start('log level', followLogLevel({ levels, logger }));
      return app.run();
    },
  };
}

/** Last to close: what ends a process is traced too. */
async function traceTo(name: string, config: ProcessConfig, logger: Logger): Promise<void> {
  const {
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    OTEL_EXPORTER_OTLP_HEADERS: headers,
    OTEL_TRACES_SAMPLER_ARG: ratio,
  } = config;
  // Spans say nothing of anybody; the headers are credentials.
  if (endpoint !== undefined && headers !== undefined) {
    requireSecureOrigin(endpoint, 'OTEL_EXPORTER_OTLP_ENDPOINT, with OTEL_EXPORTER_OTLP_HEADERS,');
  }
  await openTracing({
    endpoint,
    headers,
    ratio,
    service: `ms1-${name}`,
    version: VERSION,
    onError: (err) => logger.warn({ err }, 'spans not sent'),
  });
}
