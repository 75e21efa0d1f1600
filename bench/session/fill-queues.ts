import { QUEUES } from '@ms1/contracts';
import { until } from '@ms1/testkit';
import { Queue } from 'bullmq';

import type { Payloads } from '../ceiling/payloads.ts';
import { usedBytes } from '../redis-usage.ts';
import type { BenchFleet } from './bench-fleet.ts';

export interface QueueBytes {
  /** bytes of Redis a message, everything that is kept of it */
  readonly waitingInbound: number;
  readonly waitingOutbound: number;
  readonly delivered: number;
  readonly payloads: Payloads;
}

const TIMEOUT_MS = 120_000;
const SAMPLES = 200;

/**
 * Lets messages wait on `inbound`, then on `outbound`, then be delivered, and weighs Redis each time. It is also what
 * warms the fleet up, and where the payloads come from that the ceiling is measured with.
 */
export async function fillQueues(
  fleet: BenchFleet,
  load: { messages: number; seed: number },
): Promise<QueueBytes> {
  const { redis, simulator } = fleet;
  const base = { connection: redis, prefix: '{ms1}' };
  const [inbound, outbound] = [new Queue(QUEUES.inbound, base), new Queue(QUEUES.outbound, base)];
  const { stored } = await simulator.status();
  const wait = async (what: string, isSo: () => Promise<boolean>): Promise<void> => {
    await until(isSo, { timeoutMs: TIMEOUT_MS, what });
  };
  const all = (queue: Queue) => async () =>
    (await queue.getJobCountByTypes('wait', 'prioritized')) === load.messages;
  const weigh = async (before: number): Promise<number> =>
    ((await usedBytes(redis)) - before) / load.messages;
  try {
    await Promise.all([inbound.pause(), outbound.pause()]);
    const empty = await usedBytes(redis);
    const mailboxes = fleet.mailboxes.length;
    await simulator.inject({ ...load, mailboxes, announced: 0.5, perSecond: 20_000 });
    await wait('every message waits on inbound', all(inbound));
    const waitingInbound = await weigh(empty);
    const inboundData = await dataOf(inbound);
    await inbound.resume();
    await wait('every message waits on outbound', all(outbound));
    const waitingOutbound = await weigh(empty);
    const outboundData = await dataOf(outbound);
    await outbound.resume();
    await wait(
      'every message is stored',
      async () => (await simulator.status()).stored === stored + load.messages,
    );
    await wait('outbound is empty', async () => (await outbound.count()) === 0);
    return {
      waitingInbound,
      waitingOutbound,
      delivered: await weigh(empty),
      payloads: { inbound: inboundData, outbound: outboundData },
    };
  } finally {
    await Promise.all([inbound.close(), outbound.close()]);
  }
}

async function dataOf(queue: Queue): Promise<unknown[]> {
  const jobs = await queue.getJobs(['wait', 'prioritized'], 0, SAMPLES - 1);
  return jobs.map(({ data }) => data as unknown);
}
