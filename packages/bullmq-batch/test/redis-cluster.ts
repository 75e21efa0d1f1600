import { startCluster as startNodes, until } from '@ms1/testkit';
import { Cluster } from 'ioredis';

export interface TestCluster extends AsyncDisposable {
  client(): Cluster;
  /** kills the primary that holds this key's slot, without warning */
  killPrimaryOf(key: string): Promise<void>;
}

/** Three primaries with a replica each, and their clients, which are closed with them. */
export async function startCluster(): Promise<TestCluster> {
  const cluster = await startNodes();
  const clients: Cluster[] = [];
  return {
    client() {
      const client = new Cluster(
        cluster.ports.map((port) => ({ host: '127.0.0.1', port })),
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
    killPrimaryOf: async (key) => (await cluster.settledOwnerOf(key)).kill(),
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.disconnect();
      await cluster[Symbol.asyncDispose]();
      // One that was looking for slots at that moment has set its timer again (ioredis 5.11.1).
      await until(() => clients.every((client) => !Reflect.get(client, 'isRefreshing')), {
        what: 'no client looks for slots',
      });
      for (const client of clients) client.disconnect();
    },
  };
}
