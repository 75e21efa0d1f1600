import { existsSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';

import {
  type Addresses,
  realEnvironment,
  simulatedEnvironment,
  simulatorEnvironment,
  withHealthPort,
} from './app-environment.ts';
import type { DataFolder } from './data-folder.ts';
import { startGuard } from './guard-process.ts';
import { APPS, type FleetOptions } from './parse-options.ts';
import type { Ports } from './ports.ts';
import { type PrivateRedis, startPrivateRedis } from './private-redis.ts';
import { ProcessRecord } from './process-record.ts';
import type { Secrets } from './secrets.ts';
import { SimulatorClient } from './simulator-client.ts';
import { type ProcessSpec, SupervisedProcess } from './supervised-process.ts';
import { needsPrivateRedis, type Target } from './target.ts';

export interface FleetContext {
  /** the clone */
  root: string;
  data: DataFolder;
  target: Target;
  options: FleetOptions;
  secrets: Secrets;
  ports: Ports;
  consoleHost: string;
  consolePort: number;
  onNote: (line: string) => void;
  /** what else Node is told when it starts a process of this app, or the simulator */
  nodeArguments?: (app: string) => readonly string[];
}

/**
 * Bounds of the heap in MB, as in docker/Dockerfile. The young generation, a half of it: by itself it grows to 64 as messages
 * pass, 30 to 120 MB a process, and no CPU that could be told from the noise of six runs each. The old one: V8 lets it grow to
 * four times what is in use where it may have gigabytes, and to less than twice below one; 124 MB are the most in use.
 */
export const NODE_ARGUMENTS: readonly string[] = [
  '--max-semi-space-size=16',
  '--max-old-space-size=512',
];

/** A log that has grown past this is put aside at the next start. */
const LOG_BYTES_MAX = 50 * 1024 * 1024;

/**
 * Everything that one launcher runs. Started in the order in which one needs another, stopped the
 * other way round: the apps finish what they began while the simulator and Redis still answer.
 */
export class Fleet {
  readonly #context: FleetContext;
  readonly #record: ProcessRecord;
  readonly #failure = new AbortController();
  #redis: PrivateRedis | undefined;
  #stopGuard: (() => Promise<void>) | undefined;
  #simulator: SupervisedProcess | undefined;
  readonly #apps: SupervisedProcess[] = [];
  #stopping: Promise<void> | undefined;

  constructor(context: FleetContext) {
    this.#context = context;
    this.#record = new ProcessRecord(context.data.processes);
  }

  /** Aborted with the reason when a process ended and could not be brought back. */
  get failure(): AbortSignal {
    return this.#failure.signal;
  }

  /** the private Redis; undefined when REDIS_URL names another */
  get redisUrl(): string | undefined {
    return this.#redis?.url;
  }

  /** who runs now, by name, Redis too */
  get processes(): { name: string; pid: number }[] {
    const supervised = this.#simulator ? [this.#simulator, ...this.#apps] : this.#apps;
    const running = supervised.flatMap(({ spec: { name }, pid }) => (pid ? [{ name, pid }] : []));
    return this.#redis ? [{ name: 'redis', pid: this.#redis.pid }, ...running] : running;
  }

  /**
   * Starts everything and waits until all of it is ready.
   *
   * @returns the simulator's control API, when there is a simulator
   * @throws {FleetError}
   */
  async start(signal: AbortSignal): Promise<SimulatorClient | undefined> {
    const { target, secrets } = this.#context;
    const redisUrl = needsPrivateRedis(target)
      ? await this.#startRedis()
      : (target.env['REDIS_URL'] ?? '');
    signal.throwIfAborted();
    const addresses: Addresses = {
      redisUrl,
      consoleHost: this.#context.consoleHost,
      consolePort: this.#context.consolePort,
      ingestPort: await this.#ingestPort(),
    };
    if (target.kind === 'real') {
      await this.#startApps(realEnvironment(target.env, secrets, addresses), signal);
      return undefined;
    }
    const { client, baseUrl } = await this.#startSimulator(signal);
    const { tenantId, mailboxes } = await client.status(signal);
    // All of them: a run before this one may have used more, and its mail is still to be taken.
    const tenant = { baseUrl, tenantId, mailboxes };
    const env = simulatedEnvironment(target.env, secrets, addresses, tenant);
    await this.#startApps(env, signal);
    return client;
  }

  /** Stops everything. Again: waits for the same stop. */
  stop(): Promise<void> {
    this.#stopping ??= (async () => {
      await Promise.all(this.#apps.map((app) => app.stop()));
      await this.#simulator?.stop();
      await this.#redis?.stop();
      await this.#stopGuard?.();
    })();
    return this.#stopping;
  }

  /** For whoever cannot wait: apps and simulator end at once, which loses nothing, only time later. */
  kill(): void {
    for (const app of this.#apps) app.kill();
    this.#simulator?.kill();
  }

  async #startRedis(): Promise<string> {
    const { data, ports, secrets } = this.#context;
    const access = { port: await ports.take('redis'), password: secrets.redisPassword };
    this.#redis = await startPrivateRedis(data, access, this.#record);
    this.#watch(this.#redis.died);
    this.#stopGuard = startGuard(this.#redis, this.#record);
    return this.#redis.url;
  }

  async #startSimulator(signal: AbortSignal) {
    const { data, options, ports, secrets, target } = this.#context;
    const port = await ports.takeAgain('simulator');
    const baseUrl = `http://127.0.0.1:${port}`;
    const env = simulatorEnvironment(target.env, secrets, {
      port,
      dataDir: data.simulator,
      mailboxes: options.mailboxes,
    });
    this.#simulator = this.#supervise('simulator', 'simulator', `${baseUrl}/readyz`, env);
    await this.#simulator.ready(signal);
    return { client: new SimulatorClient(baseUrl, secrets.simulatorToken), baseUrl };
  }

  async #startApps(env: Record<string, string>, signal: AbortSignal): Promise<void> {
    const { options, ports } = this.#context;
    for (const app of APPS) {
      for (let number = 1; number <= options.workers[app]; number += 1) {
        const name = number === 1 ? app : `${app}-${number}`;
        const port = await ports.take(`${name}.health`);
        const readyUrl = `http://127.0.0.1:${port}/readyz`;
        signal.throwIfAborted();
        this.#apps.push(this.#supervise(name, app, readyUrl, withHealthPort(app, env, port)));
      }
    }
    await Promise.all(this.#apps.map((app) => app.ready(AbortSignal.any([signal, this.failure]))));
  }

  #supervise(
    name: string,
    app: string,
    readyUrl: string,
    env: Record<string, string>,
  ): SupervisedProcess {
    const { root, data, onNote, nodeArguments } = this.#context;
    const logFile = join(data.logs, `${name}.log`);
    putAside(logFile);
    const spec: ProcessSpec = {
      name,
      entry: join(root, 'apps', app, 'src', 'main.ts'),
      env,
      readyUrl,
      logFile,
      // The simulator keeps all mail that there ever was.
      nodeArguments: [
        ...(app === 'simulator' ? [] : NODE_ARGUMENTS),
        ...(nodeArguments?.(app) ?? []),
      ],
    };
    const supervised = new SupervisedProcess(spec, { record: this.#record, onNote });
    this.#watch(supervised.failure);
    return supervised;
  }

  #watch(failure: AbortSignal): void {
    failure.addEventListener('abort', () => this.#failure.abort(failure.reason));
  }

  async #ingestPort(): Promise<number> {
    const { target, ports } = this.#context;
    const given = target.kind === 'real' ? target.env['INGEST_API_PORT'] : undefined;
    return given === undefined ? ports.take('ingest-api') : Number(given);
  }
}

function putAside(logFile: string): void {
  if (existsSync(logFile) && statSync(logFile).size > LOG_BYTES_MAX) {
    renameSync(logFile, `${logFile}.1`);
  }
}
