import { expect, test } from '@jest/globals';
import { BatchWorker } from '@ms1/bullmq-batch';
import { encodeBatch, encodeItem } from '@ms1/ms4-client';
import { DeadLetterError } from '@ms1/queue';
import { aDelivery, until } from '@ms1/testkit';

import { startFleet } from './start-fleet.ts';

const WRONG_TOKEN = 'not-the-right-one';

test('refused credentials stop the sending and show in readiness, and no job fails; control: taken for a word on the records they kill all of them', async () => {
  await using fleet = await startFleet();
  await fleet.add(0, 10);
  const sender = await fleet.startSender({ MS4_TOKEN: WRONG_TOKEN });
  const reason = await until(
    async () => {
      const response = await fetch(`${sender.health}/readyz`);
      return response.status === 503 ? response.text() : null;
    },
    { what: 'not ready' },
  );
  expect(reason).toContain('does not accept our credentials');
  expect(await fleet.queue.getFailedCount()).toBe(0);
  expect(await fleet.queue.getWaitingCount()).toBe(10);
  expect(sender.output()).not.toContain(WRONG_TOKEN);
  await sender.stop();

  await using redis = await fleet.connect();
  const believing = new BatchWorker(
    fleet.queue.name,
    async ({ entries }) => {
      const records = encodeBatch([encodeItem(aDelivery(0).record)]);
      const { status } = await fleet.post(records, WRONG_TOKEN);
      for (const entry of entries) entry.fail(new DeadLetterError(`ms4_${status}`));
    },
    { ...redis, batch: { size: 10 } },
  );
  await until(async () => (await fleet.queue.getFailedCount()) === 10, { what: 'dead letters' });
  expect((await fleet.queue.getFailed())[0]?.failedReason).toBe('ms4_401');
  await believing.close();
});

test('a pause in the stream costs no request while inbound holds more, and nobody waits for ever', async () => {
  await using fleet = await startFleet();
  const inbound = await fleet.inbound.add('ingest-message', {}, { jobId: 'm-on-its-way' });
  await fleet.add(0, 40);
  const patient = await fleet.startSender({
    MS4_SENDER_BATCH_SIZE: '50',
    MS4_SENDER_BATCH_WAIT_MS_MAX: '600000',
  });
  await until(async () => (await fleet.queue.getActiveCount()) === 40, { what: 'all are taken' });
  const looks = async () =>
    Number(/cmdstat_evalsha:calls=(\d+)/.exec(await fleet.redis.info('commandstats'))?.[1]);
  const taken = await looks();
  await until(async () => (await looks()) > taken + 20, { what: 'idle many times over' });
  await fleet.add(40, 50);
  await until(async () => (await fleet.ms4()).stored === 50, { what: 'the full batch' });
  expect((await fleet.ms4()).requests).toBe(1);
  await patient.stop();
  await fleet.startSender({ MS4_SENDER_BATCH_SIZE: '50', MS4_SENDER_BATCH_WAIT_MS_MAX: '1000' });
  await fleet.add(50, 60);
  await until(async () => (await fleet.ms4()).stored === 60, { what: 'the time limit' });
  await inbound.remove();
  await fleet.add(60, 70);
  await until(async () => (await fleet.ms4()).stored === 70, {
    what: 'the rest',
  });
});
