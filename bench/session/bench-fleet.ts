import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ConsoleClient } from '@ms1/console-api';
import { Redis } from 'ioredis';

import { callJson } from '../../tools/fleet/call-json.ts';
import { consoleOf } from '../../tools/fleet/console-client.ts';
import { makeSubfolders, openDataFolder } from '../../tools/fleet/data-folder.ts';
import { Fleet } from '../../tools/fleet/fleet.ts';
import { readJsonFile } from '../../tools/fleet/json-file.ts';
import type { FleetOptions } from '../../tools/fleet/parse-options.ts';
import { parseOptions } from '../../tools/fleet/parse-options.ts';
import { Ports } from '../../tools/fleet/ports.ts';
import { readOrMakeSecrets } from '../../tools/fleet/secrets.ts';
import type { SimulatorClient } from '../../tools/fleet/simulator-client.ts';
import { waitUntilWatching } from '../../tools/fleet/wait-until-watching.ts';

export interface BenchFleet extends AsyncDisposable {
  readonly simulator: SimulatorClient;
  readonly console: ConsoleClient;
  readonly redis: Redis;
  readonly redisUrl: string;
  readonly tenantId: string;
  readonly mailboxes: readonly { id: string }[];
  /** where the simulator and its bearer token are, for a peer that is to call the same */
  readonly simulatorUrl: string;
  readonly simulatorToken: string;
  /** the simulator's witness ledgers */
  readonly simulatorFolder: string;
  readonly processes: readonly { name: string; pid: number }[];
  /** where each of them tells its metrics */
  readonly metricsUrls: readonly string[];
  /** ms that Graph and MS4 take for every request from now on; unless 0, Graph takes 2 more for each message */
  latency(ms: number): Promise<void>;
}

export interface BenchFleetOptions {
  readonly mailboxes: number;
  /** as in `npm start -- --workers` */
  readonly workers?: string;
  readonly nodeArguments?: (app: string) => readonly string[];
  /** over the defaults that operators run with */
  readonly env?: Readonly<Record<string, string>>;
  readonly say: (line: string) => void;
}

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The fleet as `npm start` runs it, with the defaults of production, in a folder that goes with it. */
export async function startBenchFleet(options: BenchFleetOptions): Promise<BenchFleet> {
  const folder = await mkdtemp(join(tmpdir(), 'ms1-bench-'));
  const data = openDataFolder(folder);
  makeSubfolders(data);
  // Without a key, as operators start: the lookup index has a bench of its own (ledger).
  const secrets = { ...readOrMakeSecrets(data.secrets), lookupKey: '' };
  const ports = new Ports(data.ports);
  const consolePort = await ports.take('console');
  const fleet = new Fleet({
    root,
    data,
    // Nothing of the person's environment: two runs must measure the same.
    target: { kind: 'simulated', env: { PATH: process.env['PATH'], ...BENCH_ENV, ...options.env } },
    options: fleetOptions(options),
    secrets,
    ports,
    consoleHost: '127.0.0.1',
    consolePort,
    onNote: options.say,
    nodeArguments: options.nodeArguments ?? (() => []),
  });
  const stop = async (): Promise<void> => {
    await fleet.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const simulator = await fleet.start(fleet.failure);
    const redisUrl = fleet.redisUrl;
    if (!simulator || redisUrl === undefined) throw new Error('a simulated fleet has both');
    await waitUntilWatching(simulator, redisUrl, fleet.failure);
    const { tenantId, mailboxes } = await simulator.status();
    const simulatorUrl = simulator.baseUrl;
    const redis = new Redis(redisUrl, { maxRetriesPerRequest: null });
    const fault = (name: string, ms: number): Promise<unknown> =>
      callJson(`${simulatorUrl}/control/faults`, {
        method: 'POST',
        token: secrets.simulatorToken,
        body: { name, ms, share: ms > 0 ? 1 : 0 },
      });
    return {
      simulator,
      console: consoleOf(`http://127.0.0.1:${consolePort}`, secrets.consoleToken),
      redis,
      redisUrl,
      tenantId,
      mailboxes,
      simulatorUrl,
      simulatorToken: secrets.simulatorToken,
      simulatorFolder: data.simulator,
      get processes() {
        return fleet.processes;
      },
      metricsUrls: Object.entries(readJsonFile(data.ports)).flatMap(([name, port]) =>
        name.endsWith('.health') ? [`http://127.0.0.1:${String(port)}/metrics`] : [],
      ),
      async latency(ms) {
        await fault('graph-latency', ms);
        await fault('graph-message-latency', ms > 0 ? 2 : 0);
        await fault('ms4-latency', ms);
      },
      async [Symbol.asyncDispose]() {
        redis.disconnect();
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * Latency is set by `latency()`, so that one fleet is measured with several. The sender waits as long for the rest of a
 * batch as it does in production: 250 ms, not the seconds that suit a demonstration.
 */
const BENCH_ENV = {
  SIMULATOR_GRAPH_LATENCY_MS: '0',
  SIMULATOR_GRAPH_MESSAGE_MS: '0',
  SIMULATOR_MS4_LATENCY_MS: '0',
  POLLER_INTERVAL_MS: '2000',
  MS4_SENDER_BATCH_WAIT_MS: '250',
  MS4_SENDER_BATCH_WAIT_MS_MAX: '5000',
};

function fleetOptions({ mailboxes, workers }: BenchFleetOptions): FleetOptions {
  const list = workers === undefined ? [] : ['--workers', workers];
  return parseOptions(['--mailboxes', String(mailboxes), ...list]);
}
