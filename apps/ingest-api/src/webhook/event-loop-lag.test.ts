import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';

import { watchEventLoopLag } from './event-loop-lag.ts';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

test('a process that is held up is behind while it lasts and until its timer comes in time again', () => {
  const clock = { ms: 0, now: () => clock.ms };
  const lagMs = watchEventLoopLag(clock);
  expect(lagMs()).toBe(0);
  clock.ms = 650;
  expect(lagMs()).toBe(600);
  jest.advanceTimersByTime(50);
  expect(lagMs()).toBe(600);
  clock.ms = 700;
  jest.advanceTimersByTime(50);
  expect(lagMs()).toBe(0);
});
