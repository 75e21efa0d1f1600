import { expect, test } from '@jest/globals';
import type { DeadLetterGroup } from '@ms1/queue';

import { CauseSummary } from './cause-summary.ts';

const HOUR = 3_600_000;
const NOTHING_SAID = { readMany: async () => [] };

/** The more frequent, the younger: what nobody looked after for longest is the rarest. */
const group = (nth: number): DeadLetterGroup => ({
  fingerprint: `f${nth}`,
  stage: 'outbound',
  cause: `cause ${nth}`,
  count: 100 - nth,
  firstAt: 100 * HOUR - nth * HOUR,
  lastAt: 100 * HOUR,
  sample: { key: 'k'.repeat(22) } as DeadLetterGroup['sample'],
});

test('the oldest dead letter is told however rare its cause, and although its cause is not shown', async () => {
  const groups = Array.from({ length: 25 }, (_, nth) => group(nth));
  const summary = new CauseSummary({
    groups: async () => groups,
    triage: NOTHING_SAID,
    clock: { now: () => 100 * HOUR },
  });
  const { causes, causesTotal, oldestAt } = await summary.read([{ failed: 25, lastFailedAt: 1 }]);
  expect({ shown: causes.length, causesTotal }).toEqual({ shown: 20, causesTotal: 25 });
  expect(oldestAt).toBe(new Date(76 * HOUR).toISOString());
  expect(await summary.read([{ failed: 0, lastFailedAt: null }])).toMatchObject({ oldestAt });
});

test('without dead letters none is the oldest', async () => {
  const summary = new CauseSummary({
    groups: async () => [],
    triage: NOTHING_SAID,
    clock: { now: () => 0 },
  });
  expect(await summary.read([{ failed: 0, lastFailedAt: null }])).toMatchObject({ oldestAt: null });
});

test('a group that is put off counts as such until its time is over, though no letter comes or goes', async () => {
  let now = 100 * HOUR;
  const said = { note: null, assignee: null, replayedAt: null, at: now };
  let snoozedUntil: number | null = null;
  const summary = new CauseSummary({
    groups: async () => [group(0), group(1)],
    triage: { readMany: async () => [null, { ...said, snoozedUntil }] },
    clock: { now: () => now },
  });
  const snoozed = async (): Promise<number> => {
    now += 3_000;
    return (await summary.read([{ failed: 199, lastFailedAt: 1 }])).snoozed;
  };
  expect(await snoozed()).toBe(0);
  snoozedUntil = now + HOUR;
  expect(await snoozed()).toBe(99);
  now += HOUR;
  expect(await snoozed()).toBe(0);
});
