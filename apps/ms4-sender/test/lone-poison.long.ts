import { expect, test } from '@jest/globals';
import { jobIdOf } from '@ms1/contracts';
import { together, until } from '@ms1/testkit';

import { startFleet } from './start-fleet.ts';

type Fleet = Awaited<ReturnType<typeof startFleet>>;

/** What MS4 does with one record for ever, and what the dead letter says of it. */
const POISONS = [
  ['ms4-poison', { status: 500 }, 'ms4_500'],
  ['ms4-poison', { status: 403 }, 'ms4_403'],
  ['ms4-poison', { status: 401 }, 'ms4_401'],
  ['ms4-poison', { status: 503 }, 'ms4_503'],
  ['ms4-poison', { status: 404 }, 'ms4_404'],
  ['ms4-poison-reset', {}, 'ms4_no_answer'],
  ['ms4-poison-hang', {}, 'ms4_timeout'],
] as const;

/** As if MS4 had failed on it so often beside others already; it is tried at once. */
async function age(fleet: Fleet, key: string, counted: number): Promise<void> {
  const job = await fleet.queue.getJob(jobIdOf(key));
  if (!job) throw new Error('the job is gone');
  const suspicion = { since: 1, failedAt: 1, tries: counted, counted };
  await job.updateData({ ...(job.data as object), suspicion });
  await job.promote();
}

/** Has all that is set aside tried at once. */
async function promoteAll(fleet: Fleet): Promise<void> {
  // One that came due meanwhile is not delayed any more.
  for (const job of await fleet.queue.getDelayed()) await job.promote().catch(() => undefined);
}

async function setAside(fleet: Fleet, key: string): Promise<void> {
  await until(async () => (await fleet.queue.getJob(jobIdOf(key)))?.isDelayed(), {
    what: `${key} set aside`,
  });
}

const entryOf = async (fleet: Fleet, key: string) => (await fleet.ledger.known([key]))[0];

async function refusesAll(status: number): Promise<void> {
  await using fleet = await startFleet();
  const keys = await fleet.add(0, 60);
  const [bad = ''] = await fleet.add(60, 61, { subject: 'a POISON of a subject' });
  await fleet.fault('ms4-poison', { status, match: 'o' });
  await fleet.startSender({ MS4_SENDER_CONCURRENCY: '1' });
  await until(async () => (await fleet.queue.getDelayedCount()) > 0, {
    what: 'a suspect',
  });
  const { requests } = await fleet.ms4();
  await until(async () => (await fleet.ms4()).requests >= requests + 3, {
    what: 'more tries',
  });
  expect(await fleet.queue.getFailedCount()).toBe(0);
  await fleet.fault('ms4-poison', { status });
  await until(
    async () => {
      await promoteAll(fleet);
      return (await fleet.ms4()).stored === keys.length;
    },
    { what: 'all others', timeoutMs: 60_000 },
  );
  await fleet.delivered(keys);
  await until(async () => (await entryOf(fleet, bad))?.state === 'dead', {
    what: 'dead',
  });
  await until(async () => (await fleet.queue.getFailedCount()) === 1, {
    what: 'dead letter',
  });
}

test(
  'a record that MS4 does not take ends alone, and none for an MS4 that takes nothing',
  together(
    [
      'one record that MS4 never takes, alone and from the start: all others are delivered, it ends as a dead letter that says why',
      async () => {
        await using fleet = await startFleet();
        const env = { MS4_TIMEOUT_MS: '400' };
        // One at a time: whatever holds the sender up holds everybody up.
        await fleet.startSender({ ...env, MS4_SENDER_CONCURRENCY: '1' });
        let n = 0;
        for (const [fault, settings, reason] of POISONS) {
          await fleet.fault(fault, settings);
          const [bad = ''] = await fleet.add(n, n + 1, { subject: 'a POISON of a subject' });
          await setAside(fleet, bad);
          await fleet.delivered(await fleet.add(n + 1, n + 31));
          expect(await fleet.queue.getJob(jobIdOf(bad))).toMatchObject({ attemptsMade: 0 });
          expect((await entryOf(fleet, bad))?.state).not.toBe('dead');

          await age(fleet, bad, 4);
          await until(async () => (await entryOf(fleet, bad))?.state === 'dead', { what: reason });
          expect(await entryOf(fleet, bad)).toMatchObject({ reason });
          await until(async () => (await fleet.queue.getJob(jobIdOf(bad)))?.isFailed(), {
            what: 'the dead letter',
          });
          await fleet.delivered(await fleet.add(n + 31, n + 41));
          await fleet.clearFaults();
          n += 100;
        }
        expect(await fleet.queue.getFailedCount()).toBe(POISONS.length);
        expect((await fleet.ms4()).stored).toBe(POISONS.length * 40);
      },
    ],

    [
      'one for which MS4 asks to wait each time: all others are delivered, it ends as a dead letter',
      async () => {
        await using fleet = await startFleet();
        await fleet.fault('ms4-poison', { status: 429, retryAfterS: 1 });
        const [bad = ''] = await fleet.add(0, 1, { subject: 'a POISON of a subject' });
        const others = await fleet.add(1, 31);
        await fleet.startSender({ MS4_SENDER_CONCURRENCY: '1' });
        await fleet.delivered(others);
        await setAside(fleet, bad);
        expect((await entryOf(fleet, bad))?.state).not.toBe('dead');
        const { requests } = await fleet.ms4();
        await fleet.delivered(await fleet.add(31, 61));
        // Others do not wait for it any more, so nothing was halved.
        expect((await fleet.ms4()).requests - requests).toBeLessThanOrEqual(8);
        await age(fleet, bad, 4);
        await until(async () => (await entryOf(fleet, bad))?.state === 'dead', { what: 'dead' });
        expect(await entryOf(fleet, bad)).toMatchObject({ reason: 'ms4_429' });
        expect((await fleet.ms4()).stored).toBe(60);
      },
    ],

    ...[400, 413, 422].map(
      (status) =>
        [
          `an MS4 that answers ${status} to everything makes no dead letter; then all is delivered but what it still refuses`,
          () => refusesAll(status),
        ] as const,
    ),

    [
      'several of them amid a flood, two senders, one killed: the rest is delivered; replayed when MS4 is well, they are too',
      async () => {
        await using fleet = await startFleet();
        await fleet.fault('ms4-poison', { status: 500 });
        const keys: string[] = [];
        const bad: string[] = [];
        // Side by side, and in the first place.
        for (const [from, to, count] of [
          [0, 6, 6],
          [100, 400, 0],
          [400, 403, 3],
          [500, 800, 0],
        ] as const) {
          const subject = count > 0 ? { subject: 'a POISON of a subject' } : {};
          (count > 0 ? bad : keys).push(...(await fleet.add(from, to, subject)));
        }
        const first = await fleet.startSender();
        await fleet.startSender();
        await fleet.delivered(keys);
        await Promise.all(bad.map((key) => setAside(fleet, key)));
        await first.stop('SIGKILL');
        // What is known of them is with the job.
        const job = await fleet.queue.getJob(jobIdOf(bad[0] ?? ''));
        expect(job?.data).toMatchObject({ suspicion: { tries: expect.any(Number) } });
        await fleet.delivered(await fleet.add(900, 1_000));
        expect(await fleet.queue.getFailedCount()).toBe(0);
        await fleet.clearFaults();
        await promoteAll(fleet);
        await fleet.delivered(bad);
      },
    ],

    [
      'an MS4 that fails on everything: no attempt, no dead letter, whatever is suspected of a record; then all is delivered',
      async () => {
        await using fleet = await startFleet();
        await fleet.fault('ms4-5xx', { status: 500 });
        await fleet.startSender({ MS4_BREAKER_OPEN_MS_MAX: '2000' });
        const keys: string[] = [];
        for (let n = 0; n < 3; n += 1) {
          const [key = ''] = await fleet.add(n, n + 1);
          keys.push(key);
          await setAside(fleet, key);
          await age(fleet, key, 4);
          await setAside(fleet, key);
        }
        keys.push(...(await fleet.add(10, 60)));
        const { requests } = await fleet.ms4();
        await until(async () => (await fleet.ms4()).requests >= requests + 5, {
          what: 'more tries',
        });
        for (const job of await fleet.queue.getJobs()) expect(job.attemptsMade).toBe(0);
        expect(await fleet.queue.getFailedCount()).toBe(0);
        await fleet.clearFaults();
        await promoteAll(fleet);
        await fleet.delivered(keys);
      },
    ],
  ),
  600_000,
);
