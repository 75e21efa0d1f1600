import { startRedis, type TestRedis, until } from '@ms1/testkit';
import { Cluster, Redis } from 'ioredis';

export interface TestCluster extends AsyncDisposable {
  readonly ports: number[];
  client(): Cluster;
  /** kills the primary that holds this key's slot, without warning */
  killPrimaryOf(key: string): Promise<void>;
}

const SLOTS = 16_384;

/** Three primaries with a replica each, as real processes. A failover takes about five seconds. */
export async function startCluster(): Promise<TestCluster> {
  const flags = {
    'cluster-enabled': 'yes',
    // Long enough that a busy machine looks like no failure: a failover nobody asked for may lose what was just added.
    'cluster-node-timeout': 3_000,
    'cluster-replica-validity-factor': 0,
  };
  const nodes: TestRedis[] = await Promise.all(
    Array.from({ length: 6 }, () => startRedis({ flags })),
  );
  const admins = nodes.map(({ url }) => new Redis(url));
  const clients: Cluster[] = [];
  for (const admin of admins) admin.on('error', () => undefined);
  const admin = (k: number): Redis => admins[k] ?? raise(`no node ${k}`);

  for (let k = 0; k < 3; k += 1) {
    const from = Math.floor((k * SLOTS) / 3);
    const to = Math.floor(((k + 1) * SLOTS) / 3) - 1;
    await admin(k).call('CLUSTER', 'ADDSLOTSRANGE', String(from), String(to));
  }
  for (const { port } of nodes.slice(1)) {
    await admin(0).call('CLUSTER', 'MEET', '127.0.0.1', String(port));
  }
  await until(async () => (await admin(5).cluster('INFO')).includes('cluster_known_nodes:6'), {
    what: 'all met',
  });
  for (let k = 0; k < 3; k += 1) {
    const primary = String(await admin(k).call('CLUSTER', 'MYID'));
    await until(async () => (await admin(k + 3).call('CLUSTER', 'REPLICATE', primary)) === 'OK', {
      what: 'a replica',
    });
  }
  await until(
    async () => {
      const states = await Promise.all(admins.map((node) => node.cluster('INFO')));
      const links = await Promise.all(admins.slice(3).map((node) => node.info('replication')));
      return (
        states.every((state) => state.includes('cluster_state:ok')) &&
        links.every((link) => link.includes('master_link_status:up'))
      );
    },
    { what: 'the cluster is up' },
  );
  const ports = nodes.map(({ port }) => port);
  return {
    ports,
    client() {
      const client = new Cluster(
        ports.map((port) => ({ host: '127.0.0.1', port })),
        {
          redisOptions: { maxRetriesPerRequest: null },
          slotsRefreshInterval: 1_000,
          clusterRetryStrategy: () => 100,
        },
      );
      client.on('error', () => undefined);
      // BullMQ blocks on a duplicate of its own, and ends it with QUIT only.
      const duplicate = client.duplicate.bind(client);
      client.duplicate = (...args) => {
        const other = duplicate(...args);
        clients.push(other);
        return other;
      };
      clients.push(client);
      return client;
    },
    async killPrimaryOf(key) {
      const slot = Number(await admin(3).call('CLUSTER', 'KEYSLOT', key));
      const ranges = (await admin(3).call('CLUSTER', 'SLOTS')) as [
        number,
        number,
        [string, number],
      ][];
      const port = ranges.find(([from, to]) => from <= slot && slot <= to)?.[2][1];
      const k = nodes.findIndex((node) => node.port === port);
      // What no replica had is lost by any failover; the guarantee is about the rest.
      await until(
        async () => {
          await admin(k).set(`${key}:written-last`, '1');
          return (await admin(k).wait(1, 1_000)) >= 1;
        },
        { what: 'its replica has what was written until now' },
      );
      await (nodes[k] ?? raise(`no node on ${port}`)).kill();
    },
    async [Symbol.asyncDispose]() {
      for (const client of [...clients, ...admins]) client.disconnect();
      await Promise.all(nodes.map((node) => node.stop()));
      // One that was looking for slots at that moment has set its timer again (ioredis 5.11.1).
      await until(() => clients.every((client) => !Reflect.get(client, 'isRefreshing')), {
        what: 'no client looks for slots',
      });
      for (const client of clients) client.disconnect();
    },
  };
}

function raise(message: string): never {
  throw new Error(message);
}
