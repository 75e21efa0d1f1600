import { expect, test } from '@jest/globals';
import { DeliverRecord, jobIdOf } from '@ms1/contracts';
import { DeadLetters, PayloadSealer, payloadKey } from '@ms1/queue';
import { until } from '@ms1/testkit';

import { startFleet } from './start-fleet.ts';

type Fleet = Awaited<ReturnType<typeof startFleet>>;

const BYTES = Buffer.alloc(32, 1);
const PAYLOAD_KEY = `a:${BYTES.toString('base64')}`;
const payloads = new PayloadSealer({ keys: [payloadKey('a', BYTES)] });

async function addSealed(fleet: Fleet, ...which: Parameters<Fleet['add']>): Promise<string[]> {
  const keys = await fleet.add(...which);
  for (const id of keys.map(jobIdOf)) {
    const job = await fleet.queue.getJob(id);
    await job?.updateData(payloads.seal(id, job.data as object));
  }
  return keys;
}

test('sealed records are delivered; of a suspect what is remembered is sealed too, and its dead letter can be replayed', async () => {
  await using fleet = await startFleet();
  await fleet.fault('ms4-poison', { status: 500 });
  const [bad = ''] = await addSealed(fleet, 0, 1, { subject: 'a POISON of a subject' });
  const good = await addSealed(fleet, 1, 31);
  await fleet.startSender({ PAYLOAD_KEY });
  await fleet.delivered(good);
  const job = await until(
    async () => {
      const found = await fleet.queue.getJob(jobIdOf(bad));
      return (await found?.isDelayed()) && found;
    },
    { what: 'the suspect is set aside' },
  );
  expect(Object.keys(job.data as object)).toEqual(['v', 'sealed']);
  const opened = DeliverRecord.parse(payloads.open(jobIdOf(bad), job.data));
  expect(opened).toMatchObject({
    record: { subject: 'a POISON of a subject' },
    suspicion: { tries: 1 },
  });

  // As if MS4 had failed on it so often beside others already.
  const suspicion = { since: 1, failedAt: 1, tries: 4, counted: 4 };
  await job.updateData(payloads.seal(jobIdOf(bad), { ...opened, suspicion }));
  await job.promote();
  await until(() => job.isFailed(), { what: 'the dead letter' });
  await fleet.clearFaults();
  expect(await new DeadLetters([fleet.queue]).retry({ key: bad, stage: 'outbound' })).toBe(
    'retried',
  );
  await until(async () => (await fleet.ms4()).stored === 31, { what: 'it is stored' });
});

test('a sender without the key leaves sealed records alone and says so; one that has it delivers them', async () => {
  await using fleet = await startFleet();
  const keys = await addSealed(fleet, 0, 5);
  const without = await fleet.startSender();
  await until(async () => (await fleet.queue.getDelayedCount()) === 5, { what: 'all put off' });
  expect((await fetch(`${without.health}/readyz`)).status).toBe(503);
  expect(without.output().match(/sealed by a key that is not here/g)).toHaveLength(1);
  await without.stop();
  for (const job of await fleet.queue.getDelayed()) {
    expect(job.attemptsMade).toBe(0);
    await job.promote();
  }
  await fleet.startSender({ PAYLOAD_KEY });
  await fleet.delivered(keys);
  expect((await fleet.ms4()).stored).toBe(5);
});
