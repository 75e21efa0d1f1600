import { describe, expect, test } from '@jest/globals';
import { openRedis } from '@ms1/testkit';

import { AuditStore, Ledger, SessionStore } from '../src/index.ts';

const DAY_MS = 24 * 3_600_000;

async function setup() {
  const opened = await openRedis();
  const { redis } = opened;
  const clock = { at: Date.UTC(2026, 10, 23), now: () => clock.at };
  return {
    ...opened,
    clock,
    sessions: new SessionStore(redis, { clock }),
    audits: new AuditStore(redis, { clock }),
    ledger: new Ledger(redis, { clock }),
  };
}

describe('what is kept of folders', () => {
  test('goes with its session, 35 days after that ended; one that goes on stays, however old', async () => {
    await using bundle = await setup();
    const { sessions, clock, redis } = bundle;
    // More than one step of each, one after the other in time.
    const made = [];
    for (let i = 0; i < 240; i += 1) {
      const { session } = await sessions.create({ name: `s${i}`, mailboxes: [`m${i}`] });
      made.push(session.id);
    }
    const ended = made.filter((_, i) => i % 2 === 0);
    const open = made.filter((_, i) => i % 2 === 1);
    for (const [i, id] of ended.entries()) {
      await sessions.close(id, [{ mailboxId: `m${i * 2}`, folderId: 'inbox' }]);
      await sessions.cancel(id);
    }
    clock.at += 20 * DAY_MS;
    const [later = ''] = ended;
    await sessions.resume(later);
    await sessions.cancel(later);
    clock.at += 15 * DAY_MS;
    await sessions.forgetEnded();
    expect(await redis.keys('*:session:scans:*')).toHaveLength(120);
    clock.at += 1;
    await sessions.forgetEnded();
    expect(await redis.keys('*:session:scans:*')).toHaveLength(1);
    const listed = (await sessions.list({ limit: 500 })).map(({ id }) => id);
    expect(listed.toSorted()).toEqual([later, ...open].toSorted());
    const [gone = ''] = ended.slice(-1);
    expect(await redis.keys(`*${gone}*`)).toEqual([]);
    expect(await sessions.create({ name: 's238', mailboxes: ['m238'] })).toMatchObject({
      created: true,
    });
  });

  test('a message that goes on after its session is forgotten brings back nothing that stays', async () => {
    await using bundle = await setup();
    const { ledger, redis, clock } = bundle;
    const message = { key: 'k'.repeat(22), at: clock.at };
    const { session } = await bundle.sessions.create({ name: 'a', mailboxes: ['m'] });
    const counts = `{ms1}:session:counts:${session.id}`;
    await ledger.record([{ ...message, state: 'dead', sessionId: session.id, reason: 'x' }]);
    expect(await redis.pttl(counts)).toBe(-1);
    await bundle.sessions.cancel(session.id);
    clock.at += 36 * DAY_MS;
    await bundle.sessions.forgetEnded();
    expect(await redis.exists(counts)).toBe(0);
    await ledger.reopen([message.key]);
    expect(await redis.pttl(counts)).toBeGreaterThan(DAY_MS);
    await redis.del(counts);
    await ledger.record([{ ...message, state: 'delivered' }]);
    expect(await redis.pttl(counts)).toBeGreaterThan(DAY_MS);
    expect(await ledger.known([message.key])).toMatchObject([{ state: 'delivered' }]);
  });

  test('goes from the rolling audit 35 days after a folder was audited last', async () => {
    await using bundle = await setup();
    const { audits, clock, redis } = bundle;
    const report = (mailboxId: string) => {
      const counts = { delivered: 0, skipped: 0, dead: 0, inFlight: 0, unexplained: 0 };
      const window = { at: new Date(clock.at).toISOString(), from: null, to: null };
      const rest = { listed: 0, reasons: {}, repaired: 0, witnesses: [] };
      return audits.report(null, { mailboxId, folderId: 'inbox' }, { ...window, counts, ...rest });
    };
    const kept = async () => (await audits.rolling()).map(({ mailboxId }) => mailboxId).toSorted();
    for (let i = 0; i < 20; i += 1) await report(`gone${i}`);
    clock.at += 20 * DAY_MS;
    await report('quiet');
    clock.at += 15 * DAY_MS;
    for (let i = 0; i < 12; i += 1) await report('read');
    expect(await kept()).toHaveLength(22);
    clock.at += 1;
    // Each takes at least one of those that are too old: of three, two at most are not.
    for (let i = 0; i < 20; i += 1) await report('read');
    expect(await kept()).toEqual(['quiet', 'read']);
    // And all of it where nothing is audited any more.
    expect(await redis.pttl('{ms1}:audit:rolling')).toBeGreaterThan(34 * DAY_MS);
  });
});
