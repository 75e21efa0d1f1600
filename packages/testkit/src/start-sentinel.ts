import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { freePort } from './free-port.ts';
import { type StartRedisOptions, startRedis, type TestRedis } from './start-redis.ts';
import type { TlsFiles } from './tls-files.ts';
import { until } from './until.ts';

/** A primary, its replicas and the Sentinels that watch them, as real processes. */
export interface TestSentinel extends AsyncDisposable {
  /** as REDIS_URL */
  readonly url: string;
  readonly name: string;
  readonly ports: readonly number[];
  readonly servers: readonly TestRedis[];
  /** the server that the Sentinels call the primary now */
  primary(): Promise<TestRedis>;
  /** waits until they call another one so, and it is one */
  failedOver(from: TestRedis): Promise<TestRedis>;
}

export interface StartSentinelOptions extends Pick<StartRedisOptions, 'flags'> {
  /** default 2 */
  replicas?: number;
  /** of the Sentinels themselves */
  password?: string;
  /** ms after which a server that does not answer is down; default 3,000: a busy machine is none */
  downAfterMs?: number;
  /** all of them speak it, among themselves too; without it as well, to the test */
  tls?: TlsFiles;
}

const NAME = 'mymaster';
const SENTINELS = 3;

export async function startSentinel(options: StartSentinelOptions = {}): Promise<TestSentinel> {
  const { replicas = 2, flags = {}, password, downAfterMs = 3_000, tls } = options;
  const { Redis } = await import('ioredis');
  await using stack = new AsyncDisposableStack();
  const servers: TestRedis[] = [];
  /** where the Sentinels and the fleet find each */
  const places: number[] = [];
  const start = async (own: Record<string, string | number>): Promise<TestRedis> => {
    const port = await freePort();
    const place = tls ? await freePort() : port;
    const server = stack.use(
      await startRedis({ port, flags: { ...flags, ...tls?.flags(place), ...own } }),
    );
    servers.push(server);
    places.push(place);
    return server;
  };
  const first = await start({});
  for (let n = 0; n < replicas; n += 1) {
    // Asked for a replica at once: the first one waits 5 s for others to sync with.
    await start({ replicaof: `127.0.0.1 ${places[0]}` });
  }
  const admin = stack.adopt(new Redis(first.url), (one) => one.disconnect());
  admin.on('error', () => undefined);
  await until(
    async () =>
      [...(await admin.info('replication')).matchAll(/state=online/g)].length === replicas,
    { what: 'the replicas follow' },
  );
  const [ports, tlsPorts]: [number[], number[]] = [[], []];
  for (let n = 0; n < SENTINELS; n += 1) {
    const port = await freePort();
    ports.push(port);
    const tlsPort = tls ? await freePort() : port;
    tlsPorts.push(tlsPort);
    // It writes what it learns into its file.
    const dir = await mkdtemp(join(tmpdir(), 'ms1-sentinel-'));
    const file = join(dir, 'sentinel.conf');
    const own = [
      `port ${port}`,
      'bind 127.0.0.1',
      `dir ${dir}`,
      ...Object.entries(tls?.flags(tlsPort) ?? {}).map(([name, value]) => `${name} ${value}`),
      `sentinel monitor ${NAME} 127.0.0.1 ${places[0]} 2`,
      `sentinel down-after-milliseconds ${NAME} ${downAfterMs}`,
      `sentinel failover-timeout ${NAME} 10000`,
    ];
    if (password) own.push(`requirepass ${password}`, `sentinel sentinel-pass ${password}`);
    await writeFile(file, `${own.join('\n')}\n`);
    const child = spawn('redis-server', [file, '--sentinel'], { stdio: 'ignore' });
    const exited = once(child, 'exit');
    stack.defer(async () => {
      child.kill('SIGKILL');
      await exited;
      await rm(dir, { recursive: true, force: true });
    });
  }
  const asked = stack.adopt(
    new Redis({
      host: '127.0.0.1',
      port: ports[0] ?? 0,
      maxRetriesPerRequest: null,
      ...(password && { password }),
    }),
    (one) => one.disconnect(),
  );
  asked.on('error', () => undefined);
  const fields = async (): Promise<Record<string, string>> => {
    const flat = (await asked.call('SENTINEL', 'MASTER', NAME)) as string[];
    return Object.fromEntries(
      Array.from({ length: flat.length / 2 }, (_, n) => [flat[2 * n], flat[2 * n + 1]]),
    ) as Record<string, string>;
  };
  await until(
    async () => {
      const { 'num-slaves': slaves, 'num-other-sentinels': others } = await fields();
      return Number(slaves) === replicas && Number(others) === SENTINELS - 1;
    },
    { what: 'the Sentinels know each other and the replicas' },
  );
  const primary = async (): Promise<TestRedis> => {
    const { port } = await fields();
    const found = servers[places.indexOf(Number(port))];
    if (!found) throw new Error(`nobody started a server on ${port}`);
    return found;
  };
  const opened = stack.move();
  return {
    url: `redis${tls ? 's' : ''}+sentinel://${tlsPorts.map((port) => `127.0.0.1:${port}`).join(',')}/${NAME}`,
    name: NAME,
    ports,
    servers,
    primary,
    failedOver: (from) =>
      until(
        async () => {
          const now = await primary();
          return now !== from && (await fields())['flags'] === 'master' ? now : null;
        },
        { what: 'the Sentinels have made another one the primary' },
      ),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
