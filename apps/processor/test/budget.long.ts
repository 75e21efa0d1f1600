import { describe, expect, test } from '@jest/globals';
import { jobIdOf } from '@ms1/contracts';
import { until } from '@ms1/testkit';

import { allPrepared, type Fleet, NOTHING, noticeMany, PDF, UNDATED } from './announced-mail.ts';
import { startFleet } from './start-fleet.ts';

/** `count` messages whose metadata a page carried, one unit each. */
async function noticeKnown(
  fleet: Fleet,
  mailboxId: string,
  count: number,
  source: 'poll' | 'backfill',
): Promise<string[]> {
  const refs = [];
  for (let n = 0; n < count; n += 1) {
    refs.push({ mailboxId, messageId: await fleet.inject(mailboxId, PDF) });
  }
  return fleet.notice(refs, { source, metadata: UNDATED });
}

const statesOf = async (fleet: Fleet, keys: string[]) =>
  (await fleet.ledger.known(keys)).map((entry) => entry?.state);

describe('a mailbox that moves', () => {
  test('is asked by one probe at a time, burns no attempt, and others go on', async () => {
    await using fleet = await startFleet();
    const [moving = '', other = ''] = fleet.mailboxes;
    await fleet.fault('graph-mailbox-move', { mailboxId: moving });
    const slow = await noticeMany(fleet, moving, 10, NOTHING);
    const fast = await noticeMany(fleet, other, 10, NOTHING);
    await Promise.all([fleet.startProcessor(), fleet.startProcessor(), fleet.startProcessor()]);
    await allPrepared(fleet, fast);
    expect(new Set(await statesOf(fleet, slow))).toEqual(new Set(['queued']));
    await until(async () => ((await fleet.usage()).get(moving)?.quotaUnits ?? 0) >= 12, {
      what: 'two probes',
    });
    for (const key of slow) {
      expect((await fleet.inbound.getJob(jobIdOf(key)))?.attemptsMade).toBe(0);
    }
    await fleet.clearFaults();
    await allPrepared(fleet, slow);
    // Ten before anybody knew, probes after 2, 4 and 8 s and their jitter, the ten again.
    expect((await fleet.usage()).get(moving)?.quotaUnits).toBeLessThanOrEqual(10 + 5 + 10);
  });

  test('is spared what fails of its own accord: that does burn attempts', async () => {
    await using fleet = await startFleet();
    const [mailboxId = ''] = fleet.mailboxes;
    await fleet.fault('graph-5xx', { mailboxId, status: 500 });
    const [key = ''] = await noticeMany(fleet, mailboxId, 1, NOTHING);
    await fleet.startProcessor();
    const attempts = async () => (await fleet.inbound.getJob(jobIdOf(key)))?.attemptsMade ?? 0;
    await until(async () => (await attempts()) > 0, {
      what: 'an attempt is used',
    });
    expect(await attempts()).toBeGreaterThan(0);
  });
});

describe('two pollers and three processors', () => {
  /** The most requests in flight that any mailbox saw. */
  const mostInFlight = async (governed: boolean): Promise<number> => {
    await using fleet = await startFleet({
      SIMULATOR_GRAPH_LATENCY_MS: '40',
      SIMULATOR_MAILBOXES: '2',
    });
    const env = governed ? {} : { GRAPH_MAILBOX_IN_FLIGHT_MAX: '64' };
    const keys: string[] = [];
    for (const mailboxId of fleet.mailboxes) {
      keys.push(...(await noticeKnown(fleet, mailboxId, 150, 'poll')));
    }
    await Promise.all([
      ...[1, 2].map(() => fleet.startPoller(env)),
      ...[1, 2, 3].map(() =>
        fleet.startProcessor({ ...env, PROCESSOR_BATCH_SIZE: '40', PROCESSOR_CONCURRENCY: '3' }),
      ),
    ]);
    await allPrepared(fleet, keys);
    const usage = [...(await fleet.usage()).values()];
    expect(usage.some(({ units }) => (units.delta ?? 0) > 0)).toBe(true);
    return Math.max(...usage.map(({ inFlightMax }) => inFlightMax));
  };

  test('never have more than four requests in flight for a mailbox', async () => {
    expect(await mostInFlight(true)).toBeLessThanOrEqual(4);
  });

  test('would have more without the governor', async () => {
    expect(await mostInFlight(false)).toBeGreaterThan(4);
  });
});

describe('the requests of a window', () => {
  // 100 requests in 4 s instead of 10,000 in 600.
  const SIMULATED = {
    SIMULATOR_GRAPH_WINDOW_REQUESTS: '100',
    SIMULATOR_GRAPH_WINDOW_MS: '4000',
    SIMULATOR_MAILBOXES: '2',
  };
  const BUDGET = { GRAPH_MAILBOX_REQUESTS_MAX: '100', GRAPH_MAILBOX_WINDOW_MS: '4000' };

  test('are never more than Graph allows, by three processes with four windows of work', async () => {
    await using fleet = await startFleet(SIMULATED);
    const [mailboxId = '', other = ''] = fleet.mailboxes;
    const keys = await noticeKnown(fleet, mailboxId, 300, 'poll');
    const others = await noticeKnown(fleet, other, 20, 'poll');
    await Promise.all([1, 2, 3].map(() => fleet.startProcessor(BUDGET)));
    // A mailbox that has used its window up is nobody else's business.
    await allPrepared(fleet, others);
    await allPrepared(fleet, keys);
    expect((await fleet.usage()).get(mailboxId)).toMatchObject({
      refused: { inFlight: 0, requests: 0 },
      units: { message: 300 },
    });
  });

  test('would be more without the account', async () => {
    await using fleet = await startFleet(SIMULATED);
    const [mailboxId = ''] = fleet.mailboxes;
    await noticeKnown(fleet, mailboxId, 150, 'poll');
    await fleet.startProcessor();
    await until(async () => ((await fleet.usage()).get(mailboxId)?.refused.requests ?? 0) > 0, {
      what: 'a refusal',
    });
    expect((await fleet.usage()).get(mailboxId)?.refused.inFlight).toBe(0);
  });

  test('are kept for live mail in part, however much backfill waits before it', async () => {
    await using fleet = await startFleet({ ...SIMULATED, SIMULATOR_GRAPH_WINDOW_MS: '30000' });
    const [mailboxId = ''] = fleet.mailboxes;
    const backfill = await noticeKnown(fleet, mailboxId, 140, 'backfill');
    await fleet.startProcessor({ ...BUDGET, GRAPH_MAILBOX_WINDOW_MS: '30000' });
    await until(async () => ((await fleet.usage()).get(mailboxId)?.quotaUnits ?? 0) >= 80, {
      what: 'backfill has used what it may',
    });
    const live = await noticeKnown(fleet, mailboxId, 20, 'poll');
    await allPrepared(fleet, live);
    const states = await statesOf(fleet, backfill);
    expect(states.filter((state) => state === 'prepared')).toHaveLength(80);
    expect((await fleet.usage()).get(mailboxId)).toMatchObject({
      refused: { inFlight: 0, requests: 0 },
      quotaUnits: 100,
    });
  });
});

describe('a throttled mailbox', () => {
  test('does not slow the others', async () => {
    await using fleet = await startFleet({ SIMULATOR_GRAPH_LATENCY_MS: '50' });
    const [throttled = '', ...others] = fleet.mailboxes;
    await fleet.startProcessor({ PROCESSOR_BATCH_SIZE: '100' });
    /** ms until `others` have 20 messages each prepared */
    const round = async (beside: number): Promise<number> => {
      const refs = [];
      for (let n = 0; n < 20; n += 1) {
        for (const mailboxId of others) {
          refs.push({ mailboxId, messageId: await fleet.inject(mailboxId, PDF) });
        }
      }
      const slow = [];
      for (let n = 0; n < beside; n += 1) {
        slow.push({ mailboxId: throttled, messageId: await fleet.inject(throttled, PDF) });
      }
      // Mixed, as they would come.
      await fleet.notice(slow, { source: 'poll', metadata: UNDATED });
      const began = performance.now();
      await allPrepared(fleet, await fleet.notice(refs, { source: 'poll', metadata: UNDATED }));
      return performance.now() - began;
    };
    await round(0);
    const ratios: number[] = [];
    for (let n = 0; n < 5; n += 1) {
      const alone = await round(0);
      await fleet.fault('graph-429', { mailboxId: throttled, retryAfterS: 1 });
      ratios.push((await round(40)) / alone);
      await fleet.clearFaults();
    }
    const median = ratios.toSorted((a, b) => a - b)[2];
    expect(median).toBeLessThanOrEqual(1.2);
  });
});
