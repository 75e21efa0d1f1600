import { expect, test } from '@jest/globals';
import { DeliverRecord, jobIdOf } from '@ms1/contracts';
import { PayloadSealer, payloadKey } from '@ms1/queue';
import { until } from '@ms1/testkit';

import { startFleet } from './start-fleet.ts';

type Fleet = Awaited<ReturnType<typeof startFleet>>;

const OLD = Buffer.alloc(32, 1);
const NEW = Buffer.alloc(32, 2);
const entryOf = (id: string, bytes: Buffer) => `${id}:${bytes.toString('base64')}`;
const payloads = new PayloadSealer({ keys: [payloadKey('old', OLD)] });
const both = new PayloadSealer({ keys: [payloadKey('new', NEW), payloadKey('old', OLD)] });

/** Messages as a delta page shows them, subject and all. */
async function notice(fleet: Fleet, count: number): Promise<string[]> {
  const mailboxId = fleet.mailboxes[0] ?? '';
  const refs = [];
  for (let n = 0; n < count; n += 1) {
    refs.push({ mailboxId, messageId: await fleet.inject(mailboxId, { subject: 'Canary' }) });
  }
  return fleet.notice(refs);
}

const allIn = (fleet: Fleet, keys: string[], state: string) =>
  until(async () => (await fleet.ledger.known(keys)).every((entry) => entry?.state === state), {
    what: `all ${state}`,
  });

const dataOf = async (queue: Fleet['inbound'], key: string) =>
  (await queue.getJob(jobIdOf(key)))?.data as object;

test('sealed messages become records that the first key seals; what was swapped or changed is a dead letter', async () => {
  await using fleet = await startFleet({}, payloads);
  const [swapped = '', swappedToo = '', changed = '', ...good] = await notice(fleet, 12);
  const [one, other] = [
    await dataOf(fleet.inbound, swapped),
    await dataOf(fleet.inbound, swappedToo),
  ];
  await (await fleet.inbound.getJob(jobIdOf(swapped)))?.updateData(other);
  await (await fleet.inbound.getJob(jobIdOf(swappedToo)))?.updateData(one);
  const { sealed } = (await dataOf(fleet.inbound, changed)) as { sealed: string };
  const flipped = sealed.slice(0, -9) + (sealed.at(-9) === 'A' ? 'B' : 'A') + sealed.slice(-8);
  await (await fleet.inbound.getJob(jobIdOf(changed)))?.updateData({ v: 2, sealed: flipped });

  await fleet.startProcessor({ PAYLOAD_KEY: `${entryOf('new', NEW)},${entryOf('old', OLD)}` });
  await allIn(fleet, good, 'prepared');
  await allIn(fleet, [swapped, swappedToo, changed], 'dead');
  expect(await fleet.ledger.known([changed])).toMatchObject([{ reason: 'payload_invalid' }]);
  expect(await fleet.outbound.getJobCountByTypes()).toBe(good.length);
  for (const key of good) {
    const data = await dataOf(fleet.outbound, key);
    expect(data).toEqual({ v: 2, sealed: expect.stringMatching(/^new\.[\w-]{8}\.[\w+/]+=*$/) });
    expect(DeliverRecord.parse(both.open(jobIdOf(key), data)).record.subject).toBe('Canary');
  }
});

test('a process without the key leaves sealed messages alone and says so; one that has it takes them, and the unsealed', async () => {
  await using fleet = await startFleet({}, payloads);
  const keys = await notice(fleet, 5);
  const without = await fleet.startProcessor({ PAYLOAD_KEY: entryOf('old', NEW) });
  await until(async () => (await fleet.inbound.getDelayedCount()) === keys.length, {
    what: 'all are put off',
  });
  const readiness = await fetch(`${without.health}/readyz`);
  expect(readiness.status).toBe(503);
  expect(await readiness.text()).toMatch(/the key old, which is not here: add it to PAYLOAD_KEY/);
  expect(without.output().match(/sealed by a key that is not here/g)).toHaveLength(1);
  for (const job of await fleet.inbound.getDelayed()) expect(job.attemptsMade).toBe(0);
  await without.stop();

  // One that waited when the key came.
  const [plain = ''] = await notice(fleet, 1);
  const job = await fleet.inbound.getJob(jobIdOf(plain));
  await job?.updateData(payloads.open(jobIdOf(plain), job.data));
  const having = await fleet.startProcessor({ PAYLOAD_KEY: entryOf('old', OLD) });
  // It is no minute that this is about.
  for (const delayed of await fleet.inbound.getDelayed()) await delayed.promote();
  await allIn(fleet, [...keys, plain], 'prepared');
  await having.ready(`${having.health}/readyz`);
  expect(await fleet.inbound.getJobCountByTypes()).toBe(0);
});
