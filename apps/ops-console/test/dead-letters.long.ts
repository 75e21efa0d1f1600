import { describe, expect, test } from '@jest/globals';
import { until } from '@ms1/testkit';

import { clear, ended, startOperations } from './operate.ts';
import { senderBundle } from './sender-bundle.ts';

interface Group {
  fingerprint: string;
  stage: string;
  cause: string;
  count: number;
  firstAt: string;
  lastAt: string;
  sample: { key: string };
}
describe('dead letters', () => {
  test('of three causes among 1,000 are three rows; one group replayed twice while MS4 is flaky has one effect each', async () => {
    await using bundle = await senderBundle();
    await using _ = startOperations(bundle);
    await bundle.fault('ms4-poison-pointed', { match: 'POISON' });
    await bundle.fault('ms4-poison', { match: 'CLASH', status: 409 });
    const subjects = Array.from({ length: 1_000 }, (__, n) => {
      if (n < 30) return 'POISON';
      if (n < 50) return 'CLASH';
      return n < 60 ? null : 'Invoice';
    });
    const keys = await bundle.send(subjects);
    await until(async () => (await bundle.ledger.totals()).dead === 60, {
      what: 'sixty are dead',
    });
    await until(async () => (await bundle.effects()) === 940, { what: '940 are stored' });

    // The ledger hears of a dead letter before its job ends.
    const groups = await until(
      async () => {
        const { body } = await bundle.api('GET', '/dead-letters/groups');
        const all = body as unknown as Group[];
        return all.reduce((sum, { count }) => sum + count, 0) === 60 && all;
      },
      { what: 'sixty dead letters' },
    );
    expect(groups.map(({ stage, count }) => [stage, count])).toEqual([
      ['outbound', 30],
      ['outbound', 20],
      ['outbound', 10],
    ]);
    expect(groups.map(({ cause }) => cause)).toEqual([
      expect.any(String),
      'key_conflict',
      'payload_invalid',
    ]);
    const [poisoned] = groups;
    if (!poisoned) throw new Error('no group');
    expect(keys.slice(0, 30)).toContain(poisoned.sample.key);
    expect(Date.parse(poisoned.firstAt)).toBeLessThanOrEqual(Date.parse(poisoned.lastAt));

    const { fingerprint } = poisoned;
    const request = { fingerprint, perSecond: 30 };
    expect(await clear(bundle, 'replay', request)).toMatchObject({ dryRun: true, matched: 30 });
    expect(await bundle.ledger.totals()).toMatchObject({ dead: 60 });

    await bundle.clearFaults();
    await bundle.fault('ms4-5xx', { share: 0.3, times: 3 });
    await bundle.fault('ms4-commit-then-reset', { share: 0.5, times: 3 });
    const begun = performance.now();
    const really = { ...request, dryRun: false, reason: 'MS4 takes them now' };
    // Both at once, and once more when they are through.
    const both = await Promise.all([
      clear(bundle, 'replay', really),
      clear(bundle, 'replay', really),
    ]);
    const first = await Promise.all(both.map((operation) => ended(bundle, operation)));
    // 30 at 30 a second, in slices of 3: the last slice starts after 0.9 s.
    expect(performance.now() - begun).toBeGreaterThan(900);
    expect(first.reduce((sum, { done }) => sum + done, 0)).toBe(30);
    await until(async () => (await bundle.ledger.totals()).delivered === 970, {
      what: '970 are delivered',
    });
    const again = await ended(bundle, await clear(bundle, 'replay', really));
    expect(again).toMatchObject({ matched: 0, done: 0, status: 'done' });
    expect(await bundle.effects()).toBe(970);
    expect(await bundle.ledger.totals()).toMatchObject({ delivered: 970, dead: 30, queued: 0 });
    expect((await bundle.api('GET', '/dead-letters/groups')).body).toHaveLength(2);
    expect(bundle.errors).toEqual([]);
  });

  test('control: the count of effects sees a record that MS4 stores twice', async () => {
    await using bundle = await senderBundle();
    await bundle.fault('ms4-forgets');
    await bundle.send(['Invoice']);
    await until(async () => (await bundle.effects()) === 1, { what: 'one is stored' });
    await until(async () => (await bundle.outbound.getActiveCount()) === 0, { what: 'it ended' });
    // In another request: the same one again is what MS4 knows by its key.
    await bundle.send(['Invoice', 'Another']);
    await until(async () => (await bundle.effects()) >= 3, { what: 'it is stored again' });
    expect(await bundle.effects()).toBe(3);
  });
});
