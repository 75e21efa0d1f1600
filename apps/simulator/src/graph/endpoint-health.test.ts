import { describe, expect, test } from '@jest/globals';

import { EndpointHealth } from './endpoint-health.ts';

const MINUTE = 60_000;

/** An endpoint that has given 100 answers, so many of them late. */
function setup(late: number, tookMs: number) {
  const health = new EndpointHealth();
  const answer = (count: number, ms: number, at = 0) => {
    for (let index = 0; index < count; index += 1) health.answered(ms, at);
  };
  answer(late, tookMs);
  answer(100 - late, 50);
  return { health, answer };
}

describe('EndpointHealth', () => {
  test.each([
    [10, 3_100, 'send'],
    [11, 3_100, 'delay'],
    [15, 10_100, 'delay'],
    [16, 10_100, 'drop'],
    [16, Number.POSITIVE_INFINITY, 'drop'],
    [100, 2_900, 'send'],
  ] as const)('after %i of 100 answers of %i ms its notifications are to %s', (late, ms, fate) => {
    expect(setup(late, ms).health.fate(0)).toBe(fate);
  });

  test('forgets answers after ten minutes', () => {
    const { health, answer } = setup(10, 20_000);
    answer(99, 50, 11 * MINUTE);
    answer(10, 20_000, 11 * MINUTE);
    expect(health.state).toBe('send');
  });

  test.each(['delay', 'drop'] as const)(
    'to %s: for ten minutes, then tries ten, and is well when those are',
    (state) => {
      const { health, answer } = setup(0, 0);
      health.mark(state, 0);
      expect(health.fate(9 * MINUTE)).toBe(state);
      const fates = Array.from({ length: 20 }, () => health.fate(10 * MINUTE));
      expect(fates.filter((fate) => fate === 'send')).toHaveLength(10);
      answer(10, 100, 10 * MINUTE);
      expect(health.state).toBe('send');
    },
  );

  test('stays dropped for another ten minutes when the sample was late too', () => {
    const { health, answer } = setup(100, 11_000);
    expect(health.fate(10 * MINUTE)).toBe('send');
    answer(10, 11_000, 10 * MINUTE);
    expect(health.fate(19 * MINUTE)).toBe('drop');
    expect(health.fate(20 * MINUTE)).toBe('send');
  });
});
