import { freePort } from './free-port.ts';
import { type StartRedisOptions, startRedis, type TestRedis } from './start-redis.ts';
import type { TlsFiles } from './tls-files.ts';
import { until } from './until.ts';

/** A Redis Cluster of real processes. */
export interface TestCluster extends AsyncDisposable {
  /** as REDIS_URL */
  readonly url: string;
  readonly nodes: readonly TestRedis[];
  readonly ports: readonly number[];
  /** the node that has this key's slot now */
  ownerOf(key: string): Promise<TestRedis>;
  /** waits until a replica of the node that had the slot has all that was written, and answers with that node */
  settledOwnerOf(key: string): Promise<TestRedis>;
  /** moves the slot of a key, with all that is in it, to another primary, as an operator does while it is used */
  moveSlotOf(key: string): Promise<void>;
}

export interface StartClusterOptions extends Pick<StartRedisOptions, 'flags'> {
  /** a primary; default 1 */
  replicas?: 0 | 1;
  /** its nodes speak it, among themselves too; without it as well, to the test */
  tls?: TlsFiles;
}

const SLOTS = 16_384;
const PRIMARIES = 3;
/** keys of a slot that move in one command */
const MOVED = 100;

/** Three primaries with a replica each. A failover takes about five seconds. */
export async function startCluster({
  replicas = 1,
  flags = {},
  tls,
}: StartClusterOptions = {}): Promise<TestCluster> {
  const { Redis } = await import('ioredis');
  await using stack = new AsyncDisposableStack();
  const own = {
    'cluster-enabled': 'yes',
    // Long enough that a busy machine looks like no failure: a failover nobody asked for may lose what was just added.
    'cluster-node-timeout': 3_000,
    'cluster-replica-validity-factor': 0,
    ...flags,
  };
  // Its default, 10,000 above the other one, is looked at by nobody before.
  const busPorts: number[] = [];
  const places: number[] = [];
  const nodes = await Promise.all(
    Array.from({ length: PRIMARIES * (1 + replicas) }, async (_, k) => {
      const bus = await freePort();
      busPorts[k] = bus;
      const port = await freePort();
      const place = tls ? await freePort() : port;
      places[k] = place;
      const node = { ...own, ...tls?.flags(place), 'cluster-port': bus };
      return stack.use(await startRedis({ port, flags: node }));
    }),
  );
  const admins = nodes.map(({ url }) =>
    stack.adopt(new Redis(url, { connectionName: 'cluster admin' }), (one) => one.disconnect()),
  );
  for (const one of admins) one.on('error', () => undefined);
  const admin = (k: number) => admins[k] ?? raise(`no node ${k}`);
  const indexOf = (port: number): number => nodes.findIndex((node) => node.port === port);

  for (let k = 0; k < PRIMARIES; k += 1) {
    const from = Math.floor((k * SLOTS) / PRIMARIES);
    const to = Math.floor(((k + 1) * SLOTS) / PRIMARIES) - 1;
    await admin(k).call('CLUSTER', 'ADDSLOTSRANGE', String(from), String(to));
  }
  for (const [k, { port }] of nodes.entries()) {
    if (k === 0) continue;
    await admin(0).call('CLUSTER', 'MEET', '127.0.0.1', String(port), String(busPorts[k]));
  }
  const last = nodes.length - 1;
  await until(
    async () => (await admin(last).cluster('INFO')).includes(`cluster_known_nodes:${nodes.length}`),
    { what: 'all met' },
  );
  for (let k = 0; k < PRIMARIES && replicas > 0; k += 1) {
    const primary = String(await admin(k).call('CLUSTER', 'MYID'));
    const replica = admin(k + PRIMARIES);
    await until(async () => (await replica.call('CLUSTER', 'REPLICATE', primary)) === 'OK', {
      what: 'a replica',
    });
  }
  await until(
    async () => {
      const states = await Promise.all(admins.map((node) => node.cluster('INFO')));
      const links = await Promise.all(
        admins.slice(PRIMARIES).map((node) => node.info('replication')),
      );
      return (
        states.every((state) => state.includes('cluster_state:ok')) &&
        links.every((link) => link.includes('master_link_status:up'))
      );
    },
    { what: 'the cluster is up' },
  );
  const ports = nodes.map(({ port }) => port);
  const alive = () => nodes.findIndex((node) => node.process.signalCode === null);
  const slotOf = async (key: string): Promise<number> =>
    Number(await admin(alive()).call('CLUSTER', 'KEYSLOT', key));
  const ownerAt = async (slot: number): Promise<number> => {
    const ranges = (await admin(alive()).call('CLUSTER', 'SLOTS')) as [
      number,
      number,
      [string, number],
    ][];
    return indexOf(ranges.find(([from, to]) => from <= slot && slot <= to)?.[2][1] ?? -1);
  };
  const ownerOf = async (key: string): Promise<TestRedis> =>
    nodes[await ownerAt(await slotOf(key))] ?? raise(`nobody has the slot of ${key}`);
  const opened = stack.move();
  return {
    url: `redis${tls ? 's' : ''}+cluster://${places.map((port) => `127.0.0.1:${port}`).join(',')}`,
    nodes,
    ports,
    ownerOf,
    async settledOwnerOf(key) {
      const owner = await ownerOf(key);
      const connection = admin(nodes.indexOf(owner));
      // What no replica had is lost by any failover; the guarantee is about the rest.
      await until(
        async () => {
          await connection.set(`${key}:written-last`, '1', 'EX', 60);
          return (await connection.wait(1, 1_000)) >= 1;
        },
        { what: 'its replica has what was written until now' },
      );
      return owner;
    },
    async moveSlotOf(key) {
      const slot = await slotOf(key);
      const from = await ownerAt(slot);
      const to = (from + 1) % PRIMARIES;
      const [source, target] = [admin(from), admin(to)];
      const [sourceId, targetId] = await Promise.all(
        [source, target].map(async (node) => String(await node.call('CLUSTER', 'MYID'))),
      );
      const set = (node: typeof source, ...words: string[]) =>
        node.call('CLUSTER', 'SETSLOT', String(slot), ...words);
      await set(target, 'IMPORTING', sourceId ?? '');
      await set(source, 'MIGRATING', targetId ?? '');
      for (;;) {
        const keys = (await source.call(
          'CLUSTER',
          'GETKEYSINSLOT',
          String(slot),
          String(MOVED),
        )) as string[];
        if (keys.length === 0) break;
        const place = ['127.0.0.1', String(places[to]), '', '0', '5000'];
        await source.call('MIGRATE', ...place, 'KEYS', ...keys);
      }
      for (const node of [target, source]) await set(node, 'NODE', targetId ?? '');
      await until(async () => (await ownerAt(slot)) === to, { what: 'the slot has moved' });
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

function raise(message: string): never {
  throw new Error(message);
}
