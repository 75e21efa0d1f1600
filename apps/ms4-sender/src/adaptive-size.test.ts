import { describe, expect, test } from '@jest/globals';

import { AdaptiveSize, type SizeReport } from './adaptive-size.ts';

const GOOD: SizeReport = {
  records: 1_000,
  requests: 1,
  retried: 0,
  overBytes: 0,
  tooLarge: 0,
  strained: false,
  durationMs: 100,
};

function setup(reports: Partial<SizeReport>[], pinned = false) {
  const size = new AdaptiveSize({ size: 500, sizeMax: 1_000, quickMs: 3_000, pinned });
  for (const report of reports) size.observe({ ...GOOD, ...report });
  return { current: size.current(), enough: size.enough() };
}

const times = (count: number, report: Partial<SizeReport> = {}) =>
  Array.from({ length: count }, () => report);

describe('adaptive size', () => {
  test('begins at what is configured, and grows while batches are full, quick and clean', () => {
    expect(setup([])).toEqual({ current: 500, enough: 500 });
    expect(setup(times(4)).current).toBe(550);
    expect(setup(times(100)).current).toBe(1_000);
  });

  test('never waits for more than is configured, however large it has grown', () => {
    expect(setup(times(100)).enough).toBe(500);
  });

  test.each<[string, Partial<SizeReport>]>([
    ['slow', { durationMs: 4_000 }],
    ['not full', { records: 400 }],
    ['with retry verdicts', { retried: 1 }],
    ['split', { requests: 3 }],
  ])('does not grow when batches are %s', (_, report) => {
    expect(setup(times(20, report)).current).toBe(500);
  });

  test('halves on 413, shrinks by a quarter under strain, never below 10', () => {
    expect(setup([{ tooLarge: 1, records: 500 }]).current).toBe(250);
    expect(setup([{ strained: true }])).toEqual({ current: 375, enough: 375 });
    expect(setup(times(50, { strained: true })).current).toBe(10);
  });

  test('fits itself to what a request holds by bytes, so that nothing is fetched in vain', () => {
    expect(setup([{ records: 320, overBytes: 180 }]).current).toBe(320);
  });

  test('recovers fast up to what is configured', () => {
    expect(setup([{ tooLarge: 1, records: 500 }, ...times(4)]).current).toBe(500);
  });

  test('stays where it is when pinned', () => {
    expect(setup([...times(20), { tooLarge: 1 }], true).current).toBe(500);
  });
});
