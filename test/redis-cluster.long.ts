import { expect, test } from '@jest/globals';
import { shardPrefixes } from '@ms1/contracts';
import { startCluster } from '@ms1/testkit';

import { startSession } from './session-fleet.ts';

const MESSAGES = 10_000;
/** 40 s of them: a fault in the middle of it is over while they still come. */
const PER_SECOND = 250;
const CLEAN = { injected: MESSAGES, lost: 0, doubled: 0, phantoms: 0 };

test.each([
  ['killed', 'SIGKILL'],
  ['frozen', 'SIGSTOP'],
] as const)(
  'Cluster: a session of 10,000 whose node is %s in the middle loses none and doubles none',
  async (_, signal) => {
    await using cluster = await startCluster();
    await using fleet = await startSession(() => ({ REDIS_URL: cluster.url }), {
      messages: MESSAGES,
      perSecond: PER_SECOND,
    });
    await fleet.storedAre(MESSAGES / 4);
    const { pid } = await cluster.ownerOf('{ms1}');
    process.kill(pid, signal);
    await fleet.storedAre(MESSAGES / 2);
    if (signal === 'SIGSTOP') process.kill(pid, 'SIGCONT');
    await fleet.storedAre(MESSAGES);
    expect(fleet.verdict()).toEqual(CLEAN);
    expect(await fleet.sessions()).toEqual(['november']);
  },
  900_000,
);

test('Cluster: a session of 10,000 whose slot moves in the middle, twice, loses none and doubles none', async () => {
  await using cluster = await startCluster({ replicas: 0 });
  await using fleet = await startSession(() => ({ REDIS_URL: cluster.url }), {
    messages: MESSAGES,
    perSecond: PER_SECOND,
  });
  for (const share of [0.25, 0.5]) {
    await fleet.storedAre(MESSAGES * share);
    await cluster.moveSlotOf('{ms1}');
  }
  await fleet.storedAre(MESSAGES);
  expect(fleet.verdict()).toEqual(CLEAN);
}, 900_000);

test('Cluster: with three shards, a session of 10,000 whose node of one is killed in the middle loses none and doubles none', async () => {
  await using cluster = await startCluster();
  await using fleet = await startSession(
    () => ({ REDIS_URL: cluster.url, REDIS_SHARDS: '3', LOOKUP_KEY: 'a secret of some length' }),
    { messages: MESSAGES, perSecond: PER_SECOND },
  );
  await fleet.storedAre(MESSAGES / 4);
  const owners = await Promise.all(
    ['{ms1}', ...shardPrefixes('{ms1}', 3)].map(async (tag) => (await cluster.ownerOf(tag)).pid),
  );
  // Sessions go on elsewhere: away are the jobs, permits and cursors of a third of the mailboxes, with work in them, and
  // what is remembered of a third of the messages.
  const [others, ...shards] = owners;
  expect(new Set(shards).size).toBe(3);
  process.kill(shards.find((pid) => pid !== others) ?? 0, 'SIGKILL');
  await fleet.storedAre(MESSAGES);
  expect(fleet.verdict()).toEqual(CLEAN);
  expect(await fleet.sessions()).toEqual(['november']);
}, 900_000);
