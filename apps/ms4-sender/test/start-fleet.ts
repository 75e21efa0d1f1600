import { JOBS, jobIdOf, QUEUES } from '@ms1/contracts';
import { Ledger } from '@ms1/ledger';
import { createQueue } from '@ms1/queue';
import { closeRedis, connectRedis } from '@ms1/redis';
import { aDelivery, SIMULATOR_TOKEN, simulatedFleet, until } from '@ms1/testkit';

const prefix = '{ms1}';

/** A Redis, a simulator, and as many senders as are started, all as processes. */
export async function startFleet(simulatorEnv: Record<string, string> = {}) {
  const fleet = await simulatedFleet(simulatorEnv);
  const { redis: connection, base, control, status, start, ms4Env } = fleet;
  const queue = createQueue(QUEUES.outbound, { connection, prefix });
  const ledger = new Ledger(connection, { prefix });
  return {
    ...fleet,
    /** what a worker of the test's own is made with */
    async connect() {
      const own = await connectRedis({ url: fleet.redisUrl, role: 'worker', name: 'test worker' });
      return { connection: own, prefix, [Symbol.asyncDispose]: () => closeRedis(own) };
    },
    queue,
    inbound: createQueue(QUEUES.inbound, { connection, prefix }),
    ledger,
    /** ms of a monotonic clock at which each batch request reached MS4, in order */
    async arrivals(): Promise<number[]> {
      const { arrivals } = await control<{ arrivals: { monotonicMs: number }[] }>('arrivals');
      return arrivals.map(({ monotonicMs }) => monotonicMs);
    },
    /** waits until the ledger has each of them as delivered */
    async delivered(keys: readonly string[], timeoutMs = 120_000): Promise<void> {
      await until(
        async () => {
          const entries = await ledger.known([...keys]);
          return entries.every((entry) => entry?.state === 'delivered');
        },
        { what: 'all delivered', timeoutMs },
      );
    },
    /** a request of the test's own, past every sender */
    post: (batch: { batchId: string; body: Buffer }, token = SIMULATOR_TOKEN) =>
      fetch(`${base}/v1/batches`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          'idempotency-key': batch.batchId,
        },
        body: new Uint8Array(batch.body),
      }),
    ms4: async () => (await status()).ms4,
    startSender: (env: Record<string, string> = {}) =>
      start('ms4-sender', { ...ms4Env, ...env }, 'healthz'),
    /** puts records from..to-1 on `outbound`, as the processor does */
    async add(from: number, to: number, changes: Parameters<typeof aDelivery>[1] = {}) {
      const payloads = Array.from({ length: to - from }, (_, n) => aDelivery(from + n, changes));
      await queue.addBulk(
        payloads.map((data) => ({
          name: JOBS.deliverRecord,
          data,
          opts: { jobId: jobIdOf(data.record.id) },
        })),
      );
      return payloads.map(({ record }) => record.id);
    },
  };
}
