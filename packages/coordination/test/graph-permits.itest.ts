import { describe, expect, test } from '@jest/globals';
import { openRedis, until } from '@ms1/testkit';
import * as fc from 'fast-check';
import { GraphPermits, noteReadSingly, readMailboxStates } from '../src/index.ts';
import type { GraphPermit, GraphPermitsOptions } from '../src/permits/graph-permits.ts';

async function setup(options: GraphPermitsOptions = {}) {
  const opened = await openRedis();
  const { redis } = opened;
  const other = opened.connect();
  return {
    ...opened,
    permits: new GraphPermits(redis, options),
    /** another process */
    otherPermits: new GraphPermits(other, options),
  };
}

const ask = (mailboxId: string, permits: number, more: object = {}) => ({
  mailboxId,
  permits,
  requests: permits,
  live: true,
  ...more,
});
const release = async (permit: GraphPermit | undefined, well?: boolean): Promise<void> => {
  if (permit?.granted) await permit.release(well);
};
const refusal = (permit: GraphPermit) =>
  permit.granted ? null : { reason: permit.reason, ms: permit.retryInMs };

describe('requests in flight', () => {
  test('grants four at once per mailbox over all processes, and the fifth after a release', async () => {
    await using bundle = await setup();
    const asked = await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        (i % 2 ? bundle.permits : bundle.otherPermits).acquire(ask('m1', 1)),
      ),
    );
    const granted = asked.filter((permit) => permit.granted);
    expect(granted).toHaveLength(4);
    const refused = asked.find((permit) => !permit.granted);
    expect(refused && refusal(refused)).toEqual({ reason: 'busy', ms: 25 });
    expect(await bundle.permits.acquire(ask('m2', 4))).toMatchObject({ granted: true });
    await release(granted[0]);
    await until(async () => (await bundle.permits.acquire(ask('M1', 1))).granted, {
      what: 'the claims of those who do not ask again end',
    });
  });

  test('a holder that was killed gives its slots back when its lease ends, and not before', async () => {
    await using bundle = await setup({ leaseMs: 500 });
    await bundle.permits.acquire(ask('m1', 4));
    expect(await bundle.otherPermits.acquire(ask('m1', 1))).toMatchObject({ granted: false });
    await until(async () => (await bundle.otherPermits.acquire(ask('m1', 4))).granted, {
      what: 'the lease ends',
    });
  });

  test('a release that comes late takes nothing from the next holder', async () => {
    await using bundle = await setup({ leaseMs: 50 });
    const late = await bundle.permits.acquire(ask('m1', 4));
    const next = new GraphPermits(bundle.redis);
    await until(async () => (await next.acquire(ask('m1', 4))).granted, { what: 'the lease ends' });
    await release(late);
    expect(await next.acquire(ask('m1', 1))).toMatchObject({ granted: false });
  });

  test('a call that nobody waits for any more keeps its slots for as long as Graph may be at it', async () => {
    await using bundle = await setup({ leaseMs: 60_000, unansweredMs: 1_000 });
    const given = await bundle.permits.acquire(ask('m1', 2));
    const given2 = await bundle.permits.acquire(ask('m1', 2));
    if (given.granted) await given.release(false, false);
    expect(await bundle.otherPermits.acquire(ask('m1', 1))).toMatchObject({ granted: false });
    await until(async () => (await bundle.otherPermits.acquire(ask('m1', 2))).granted, {
      what: 'Graph is done with it',
    });
    // Those of the other call, which is waited for.
    expect(await bundle.permits.acquire(ask('m1', 1))).toMatchObject({ granted: false });
    await release(given2);
  });

  test('a process that stood still since it asked does not call with what it was granted then', async () => {
    const time = { ms: 0 };
    await using bundle = await setup({ now: () => time.ms });
    const late = bundle.permits.acquire(ask('m1', 4));
    // As soon as the question is on its way.
    await new Promise((resolve) => setImmediate(resolve));
    time.ms += 33_000;
    expect(await late).toMatchObject({ granted: false, reason: 'busy' });
    expect(await bundle.permits.acquire(ask('m1', 4))).toMatchObject({ granted: true });
  });

  test('an ask that is sent again, because its answer was lost, is granted what it has', async () => {
    await using bundle = await setup();
    const first = await bundle.permits.acquire(ask('m1', 4, { ticket: 'the-same' }));
    const again = await bundle.permits.acquire(ask('m1', 4, { ticket: 'the-same' }));
    expect([first.granted, again.granted]).toEqual([true, true]);
    await release(again);
    expect(await bundle.permits.acquire(ask('m1', 4))).toMatchObject({ granted: true, used: 8e-4 });
  });

  test('refuses what could never be granted', async () => {
    await using bundle = await setup({ windowRequests: 100 });
    for (const [permits, more] of [
      [0, {}],
      [5, {}],
      [1.5, {}],
      [4, { requests: 101 }],
      [2, { least: 0 }],
      [2, { least: 3 }],
      [4, { requests: 81, live: false }],
    ] as const) {
      await expect(bundle.permits.acquire(ask('m1', permits, more))).rejects.toBeInstanceOf(
        RangeError,
      );
    }
  });

  test('no order of asks and releases ever has more than four in flight, nor leaves a slot behind', async () => {
    await using bundle = await setup();
    const step = fc.record({
      mailboxId: fc.constantFrom('m1', 'm2'),
      permits: fc.integer({ min: 1, max: 4 }),
      canDoWithLess: fc.boolean(),
      live: fc.boolean(),
      releaseFirst: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const held: { mailboxId: string; permits: number; permit: GraphPermit }[] = [];
        for (const { releaseFirst, canDoWithLess, ...wanted } of steps) {
          if (releaseFirst) await release(held.shift()?.permit);
          const least = canDoWithLess ? 1 : wanted.permits;
          const permit = await bundle.permits.acquire({ ...wanted, least, requests: 0 });
          expect(permit.granted ? permit.permits : 4).toBeGreaterThanOrEqual(least);
          if (permit.granted) held.push({ ...wanted, permits: permit.permits, permit });
          const inFlight = held.filter(({ mailboxId }) => mailboxId === wanted.mailboxId);
          expect(inFlight.reduce((sum, { permits }) => sum + permits, 0)).toBeLessThanOrEqual(4);
        }
        for (const { permit } of held) await release(permit);
        expect(await bundle.redis.keys('*:graph:slots:*')).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });
});

describe('who can do with fewer slots', () => {
  const batch = (more: object = {}) => ask('m1', 4, { requests: 20, least: 1, ...more });

  test('gets those that are free, counted as one request each, and gives back no more', async () => {
    await using bundle = await setup({ windowRequests: 100 });
    const one = await bundle.otherPermits.acquire(ask('m1', 1));
    const permit = await bundle.permits.acquire(batch({ ticket: 'the-same' }));
    expect(permit).toMatchObject({ granted: true, permits: 3, used: 0.04 });
    const again = await bundle.permits.acquire(batch({ ticket: 'the-same' }));
    expect(again).toMatchObject({ granted: true, permits: 3, used: 0.04 });
    expect(await bundle.otherPermits.acquire(batch())).toMatchObject({ granted: false });
    await release(permit);
    expect(await bundle.redis.zcard((await bundle.redis.keys('*:graph:slots:*'))[0] ?? '')).toBe(1);
    await release(one);
  });

  test('control: who can not waits until all are free', async () => {
    await using bundle = await setup();
    await bundle.otherPermits.acquire(ask('m1', 1));
    expect(await bundle.permits.acquire(batch({ least: 4 }))).toMatchObject({ reason: 'busy' });
  });

  test('gets all of them, and all its requests, where nobody else has any', async () => {
    await using bundle = await setup({ windowRequests: 100 });
    expect(await bundle.permits.acquire(batch())).toMatchObject({ permits: 4, used: 0.2 });
  });

  test('takes nothing that another waits for', async () => {
    await using bundle = await setup();
    const first = await bundle.permits.acquire(batch());
    const waits = await bundle.otherPermits.acquire(ask('m1', 1));
    await release(first);
    expect(await bundle.permits.acquire(batch())).toMatchObject({ permits: 3 });
    const ticket = waits.granted ? '' : waits.ticket;
    expect(await bundle.otherPermits.acquire(ask('m1', 1, { ticket }))).toMatchObject({
      granted: true,
    });
  });
});

describe('who goes first', () => {
  test('small calls do not starve one that needs all slots: nobody takes what it waits for', async () => {
    await using bundle = await setup();
    const first = await bundle.permits.acquire(ask('m1', 1));
    const large = await bundle.permits.acquire(ask('m1', 4));
    const ticket = large.granted ? '' : large.ticket;
    expect(await bundle.otherPermits.acquire(ask('m1', 1))).toMatchObject({ reason: 'busy' });
    await release(first);
    expect(await bundle.otherPermits.acquire(ask('m1', 1))).toMatchObject({ reason: 'busy' });
    expect(await bundle.permits.acquire(ask('m1', 4, { ticket }))).toMatchObject({ granted: true });
  });

  test('a claim ends by itself when its owner stops asking', async () => {
    await using bundle = await setup();
    await bundle.permits.acquire(ask('m1', 1));
    await bundle.permits.acquire(ask('m1', 4));
    expect(await bundle.otherPermits.acquire(ask('m1', 1))).toMatchObject({ granted: false });
    await until(async () => (await bundle.otherPermits.acquire(ask('m1', 1))).granted, {
      what: 'the claim ends',
    });
  });

  test('live mail goes before backfill, whoever asked first', async () => {
    await using bundle = await setup();
    const held = await bundle.permits.acquire(ask('m1', 4));
    const backfill = await bundle.permits.acquire(ask('m1', 4, { live: false }));
    const live = await bundle.otherPermits.acquire(ask('m1', 4));
    await release(held);
    const tickets = [backfill, live].map((one) => (one.granted ? '' : one.ticket));
    expect(
      await bundle.permits.acquire(ask('m1', 4, { live: false, ticket: tickets[0] })),
    ).toMatchObject({ reason: 'busy' });
    expect(await bundle.otherPermits.acquire(ask('m1', 4, { ticket: tickets[1] }))).toMatchObject({
      granted: true,
    });
  });
});

describe('requests in ten minutes', () => {
  const WINDOW = { windowRequests: 100, windowMs: 600, guardMs: 60 };

  test('are never more than allowed in any window, and go on as the window slides', async () => {
    await using bundle = await setup(WINDOW);
    const granted: { asked: number; answered: number }[] = [];
    // 98 at once, and the window is 670 ms with guard and bucket: three of them.
    const isOver = (): boolean => granted.length * 7 >= 3 * 98;
    // Two processes that ask for as much as they get.
    const hammer = async (permits: GraphPermits) => {
      while (!isOver()) {
        const asked = performance.now();
        const permit = await permits.acquire(ask('m1', 1, { requests: 7 }));
        if (!permit.granted) continue;
        granted.push({ asked, answered: performance.now() });
        await release(permit);
      }
    };
    await Promise.all([hammer(bundle.permits), hammer(bundle.otherPermits)]);
    // Granted between question and answer: those surely within one window, however slow this machine is.
    for (const { asked } of granted) {
      const within = granted.filter((one) => one.asked >= asked && one.answered < asked + 600);
      expect(within.length * 7).toBeLessThanOrEqual(100);
    }
  });

  test('are told by mailbox to who only looks, and no more once the window is over', async () => {
    await using bundle = await setup({ shards: 4 });
    for (const n of [1, 2]) await release(await bundle.permits.acquire(ask('m1', n)));
    await release(await bundle.permits.acquire(ask('m2', 1, { requests: 30 })));
    expect(await bundle.otherPermits.requestsOf(['m2', 'never', 'M1'])).toEqual([30, 0, 3]);

    await using short = await setup({ windowMs: 600, guardMs: 0 });
    expect(await short.permits.acquire(ask('m1', 1))).toMatchObject({ used: 1 / 10_000 });
    await until(async () => (await short.otherPermits.requestsOf(['m1']))[0] === 0, {
      what: 'the window is over',
    });
  });

  test('tell when there is room again, and let other mailboxes be', async () => {
    await using bundle = await setup(WINDOW);
    await release(await bundle.permits.acquire(ask('m1', 4, { requests: 100 })));
    const { reason, ms } = refusal(await bundle.otherPermits.acquire(ask('m1', 1))) ?? {};
    expect(reason).toBe('spent');
    expect(ms).toBeGreaterThan(0);
    expect(ms).toBeLessThanOrEqual(670);
    expect(await bundle.permits.acquire(ask('m2', 1))).toMatchObject({ granted: true });
  });

  test('of a fixed window would be twice as many: what this account is there to prevent', async () => {
    await using bundle = await setup(WINDOW);
    // 100 at the end of one fixed window and 100 at the beginning of the next are 200 in a moment.
    const fixed = async (n: number) => {
      const key = `fixed:${Math.floor(n / 100)}`;
      return (await bundle.redis.incr(key)) <= 100;
    };
    const granted = await Promise.all(Array.from({ length: 200 }, (_, n) => fixed(n)));
    expect(granted.filter(Boolean)).toHaveLength(200);
    const sliding = [];
    for (let n = 0; n < 20; n += 1) {
      const permit = await bundle.permits.acquire(ask('m1', 1, { requests: 10 }));
      sliding.push(permit.granted);
      await release(permit);
    }
    expect(sliding.filter(Boolean)).toHaveLength(10);
  });

  test('leave a fifth to live mail, however much backfill there is', async () => {
    await using bundle = await setup(WINDOW);
    await release(await bundle.permits.acquire(ask('m1', 4, { requests: 80, live: false })));
    expect(await bundle.permits.acquire(ask('m1', 1, { live: false }))).toMatchObject({
      reason: 'spent',
      used: 0.8,
    });
    expect(await bundle.permits.acquire(ask('m1', 4, { requests: 20 }))).toMatchObject({
      granted: true,
      used: 1,
    });
  });

  test('what is given back and asked for in one turn is one command, and the next in line gets what was given back', async () => {
    await using bundle = await setup();
    await release(await bundle.permits.acquire(ask('m1', 1)));
    const calls = async (): Promise<number> => {
      const stats = await bundle.redis.info('commandstats');
      return [...stats.matchAll(/^cmdstat_evalsha:calls=(\d+)/gm)].reduce(
        (sum, [, count]) => sum + Number(count),
        0,
      );
    };
    const before = await calls();
    const mailboxes = Array.from({ length: 20 }, (_, n) => `mailbox ${n}`);
    const permits = await Promise.all(
      mailboxes.map((id) => bundle.permits.acquire(ask(id, 4, { requests: 20 }))),
    );
    expect((await calls()) - before).toBe(1);
    const given = permits.map((permit) => release(permit));
    const next = await Promise.all(mailboxes.map((id) => bundle.permits.acquire(ask(id, 4))));
    await Promise.all(given);
    expect(next.map(({ granted }) => granted)).toEqual(mailboxes.map(() => true));
    expect((await calls()) - before).toBe(1 + 1);
    // The control: without the releases of the same turn there is nothing to have.
    const refused = await bundle.permits.acquire(ask('mailbox 0', 1));
    expect(refused).toMatchObject({ granted: false, reason: 'busy' });
  });
});

describe('holds', () => {
  test('stop every process for that mailbox, tell how long, and a shorter one does not cut it', async () => {
    await using bundle = await setup();
    await bundle.permits.hold('m1', 60_000);
    await bundle.otherPermits.hold('m1', 1_000);
    const { reason, ms } = refusal(await bundle.otherPermits.acquire(ask('m1', 1))) ?? {};
    expect(reason).toBe('held');
    expect(ms).toBeGreaterThan(50_000);
    expect(ms).toBeLessThanOrEqual(60_000);
    expect(await bundle.permits.acquire(ask('m2', 1))).toMatchObject({ granted: true });
  });

  test('are seen by who watches: which, why, since when the row began and until when', async () => {
    await using bundle = await setup();
    await bundle.permits.hold('M1', 1_000);
    const [one, none] = await readMailboxStates(bundle.redis, ['m1', 'm2']);
    const first = one?.held;
    expect([first?.reason, none]).toEqual(['throttled', { held: null, singly: null }]);
    await bundle.otherPermits.hold('m1', 60_000, { probe: true });
    const again = (await readMailboxStates(bundle.redis, ['m1']))[0]?.held;
    expect(again).toMatchObject({ reason: 'unavailable', since: first?.since });
    expect((again?.until ?? 0) - (again?.since ?? 0)).toBeGreaterThanOrEqual(60_000);
    expect(await readMailboxStates(bundle.redis, [])).toEqual([]);
  });

  test('are one thing, and that a mailbox is read message by message for a while another', async () => {
    await using bundle = await setup();
    const singly = async () => (await readMailboxStates(bundle.redis, ['m1']))[0]?.singly;
    await noteReadSingly(bundle.redis, { mailboxId: 'M1', reason: 'refused', ms: 60_000 });
    expect(await singly()).toMatchObject({ reason: 'refused' });
    expect(await bundle.permits.acquire(ask('m1', 1))).toMatchObject({ granted: true });
    await noteReadSingly(bundle.redis, { mailboxId: 'M1', reason: 'refused', ms: 1 });
    await until(async () => (await singly()) === null, { what: 'it is over by itself' });
  });

  test('end by themselves', async () => {
    await using bundle = await setup();
    await bundle.permits.hold('m1', 1_000);
    expect(await bundle.permits.acquire(ask('m1', 1))).toMatchObject({ granted: false });
    await until(async () => (await bundle.permits.acquire(ask('m1', 1))).granted, {
      what: 'the hold ends',
    });
  });

  test('without a length grow in a row, and those in flight together count once', async () => {
    await using bundle = await setup({ random: () => 0 });
    expect(await bundle.permits.hold('m1', null)).toBe(2_000);
    expect(await bundle.otherPermits.hold('m1', null)).toBeLessThanOrEqual(2_000);
    // As when the hold is over, and the row is not.
    const [state = ''] = await bundle.redis.keys('*:graph:mailbox:*');
    for (const expected of [4_000, 8_000]) {
      await bundle.redis.hset(state, 'h', 0);
      expect(await bundle.permits.hold('m1', null)).toBe(expected);
    }
    await bundle.redis.hset(state, 'h', 0, 'se', 0);
    expect(await bundle.permits.hold('m1', null)).toBe(2_000);
  });

  test('of a mailbox that is not available let a single probe out, and all again when it did well', async () => {
    await using bundle = await setup();
    await bundle.permits.hold('m1', 30, { probe: true });
    const probe = await until(
      async () => {
        const permit = await bundle.permits.acquire(ask('m1', 4));
        return permit.granted ? permit : null;
      },
      { what: 'the hold ends' },
    );
    expect(probe).toMatchObject({ probe: true });
    const others = () =>
      Promise.all([1, 2].map(() => bundle.otherPermits.acquire(ask('m1', 1, { requests: 1 }))));
    expect((await others()).map((one) => refusal(one)?.reason)).toEqual(['held', 'held']);
    await bundle.permits.hold('m1', 30, { probe: true });
    await release(probe, false);
    const second = await until(
      async () => {
        const permit = await bundle.permits.acquire(ask('m1', 4));
        return permit.granted ? permit : null;
      },
      { what: 'the second hold ends' },
    );
    expect(second).toMatchObject({ probe: true });
    await release(second, true);
    expect(await others()).toMatchObject([
      { granted: true, probe: false },
      { granted: true, probe: false },
    ]);
  });
});
