import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '@ms1/testkit';
import { Redis } from 'ioredis';

import { callJson } from '../tools/fleet/call-json.ts';
import { redisUrlOf } from '../tools/fleet/redis-command.ts';
import { SimulatorClient } from '../tools/fleet/simulator-client.ts';
import { watchMetrics } from './e2e/personal-data.ts';
import { type Launch, type LaunchOptions, setUpFleetHome } from './launch-fleet.ts';

export interface RunningFleet extends AsyncDisposable {
  readonly dataDir: string;
  readonly launch: Launch;
  /** ports by what listens there: `redis`, `simulator`, `ingest-api`, `<app>.health` */
  readonly ports: Readonly<Record<string, number>>;
  readonly secrets: Readonly<Record<string, string>>;
  readonly console: { readonly url: string; readonly token: string };
  readonly simulator: SimulatorClient;
  /** the tests' own connection, which nothing is taken from that the fleet's user loses */
  readonly redis: Redis;
  readonly redisUrl: string;
  /** the last metrics of every process; nothing is asked any more */
  readonly metrics: () => Record<string, string>;
  /** asks the API of the fleet's console, with its token; a body makes it a POST */
  readonly api: <T>(path: string, body?: object) => Promise<T>;
  fault(name: string, settings?: object): Promise<void>;
  /** names of the faults that are in force */
  activeFaults(): Promise<string[]>;
  /** what the processes of an app have logged */
  readonly logsOf: (app: string) => string;
}

/** The launcher's fleet with its simulator, once it is up and its first mail is stored. */
export async function startFleet(
  args: readonly string[],
  env: LaunchOptions['env'] = {},
): Promise<RunningFleet> {
  await using stack = new AsyncDisposableStack();
  const home = stack.use(await setUpFleetHome());
  const launch = home.launch(args, { direct: true, env });
  await until(() => launch.output().includes('The fleet stays up'), {
    timeoutMs: 180_000,
    what: 'the fleet is up',
  });
  const file = (name: string): unknown =>
    JSON.parse(readFileSync(join(home.dataDir, `${name}.json`), 'utf8'));
  const ports = file('ports') as Record<string, number>;
  const secrets = file('secrets') as Record<string, string>;
  const token = secrets['simulatorToken'] ?? '';
  const address = file('console') as RunningFleet['console'];
  const simulator = new SimulatorClient(`http://127.0.0.1:${ports['simulator']}`, token);
  const metrics = stack.adopt(watchMetrics(home.dataDir), (watch) => void watch.stop());
  const redisUrl = redisUrlOf(ports['redis'] ?? 0, secrets['redisPassword'] ?? '');
  const redis = stack.adopt(await connectAs('tests', redisUrl), (one) => one.disconnect());
  const opened = stack.move();
  return {
    dataDir: home.dataDir,
    launch,
    ports,
    secrets,
    console: address,
    simulator,
    redis,
    redisUrl,
    metrics: () => metrics.stop(),
    api: (path, body) =>
      callJson(new URL(`/api${path}`, address.url).href, {
        token: address.token,
        ...(body && { method: 'POST', body }),
      }),
    async fault(name, settings = {}) {
      const body = { name, ...settings };
      await callJson(`${simulator.baseUrl}/control/faults`, { method: 'POST', token, body });
    },
    async activeFaults() {
      const { faults } = await callJson<{ faults: { name: string; active: unknown }[] }>(
        `${simulator.baseUrl}/control/faults`,
        { token },
      );
      return faults.filter(({ active }) => active !== null).map(({ name }) => name);
    },
    logsOf: (app) =>
      readdirSync(join(home.dataDir, 'logs'))
        .filter((name) => name.startsWith(app))
        .map((name) => readFileSync(join(home.dataDir, 'logs', name), 'utf8'))
        .join(''),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** A connection of a user who may do everything, whatever becomes of the one that the fleet has. */
async function connectAs(user: string, redisUrl: string): Promise<Redis> {
  const redis = new Redis(redisUrl);
  await redis.call('ACL', 'SETUSER', user, 'on', 'nopass', '~*', '&*', '+@all');
  await redis.call('AUTH', user, 'any');
  return redis;
}
