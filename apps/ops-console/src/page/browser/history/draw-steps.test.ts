import { expect, test } from '@jest/globals';

import { drawSteps, runsOf } from './draw-steps.ts';

const draw = (values: (number | null)[]) =>
  drawSteps(values, { width: 40, scale: (value) => 10 - value });

test('a line is level for each value, and stops at a gap instead of falling to zero', () => {
  expect(draw([1, 2, null, 3])).toBe('M0.0 9.0V9.0H10.0V8.0H20.0M30.0 7.0V7.0H40.0');
  // Control: a zero that somebody saw is drawn.
  expect(draw([1, 2, 0, 3])).toBe('M0.0 9.0V9.0H10.0V8.0H20.0V10.0H30.0V7.0H40.0');
});

test('of nothing there is no line', () => {
  expect([draw([]), draw([null, null])]).toEqual(['', '']);
});

test('finds the stretches in which nobody looked', () => {
  expect(runsOf([null, null, 1, null], (value) => value === null)).toEqual([
    { first: 0, length: 2 },
    { first: 3, length: 1 },
  ]);
});
