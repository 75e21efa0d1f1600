import { expect, test } from '@jest/globals';

import { ago, duration, elapsed, perSecond, plain, short, slowRate } from './words.ts';

test.each([
  [null, '–'],
  [0, '0/s'],
  [0.1, '6/min'],
  [4.25, '4.3/s'],
  [120.4, '120/s'],
])('a rate of %s reads %s', (rate, words) => expect(perSecond(rate)).toBe(words));

test('a rate of hours is told by the minute, and not as nothing', () => {
  expect([0, 0.0001, 0.05, 0.99, 4.25].map(slowRate)).toEqual([
    '0/s',
    '<0.1/min',
    '3/min',
    '59.4/min',
    '4.3/s',
  ]);
});

test.each([
  [0, '0 s'],
  [59.6, '1 min'],
  [61, '1 min 1 s'],
  [3_540, '59 min'],
  [7_260, '2 h 1 min'],
  [200_000, '2 days'],
])('%s seconds read %s', (seconds, words) => expect(duration(seconds)).toBe(words));

test('small steps are told in milliseconds, large numbers in four characters', () => {
  expect([elapsed(40), elapsed(1_540), elapsed(61_000)]).toEqual(['40 ms', '1.5 s', '1 min 1 s']);
  expect([short(9_999), short(12_345)]).toEqual(['9,999', '12.3K']);
  expect(plain('payload_too_large')).toBe('Payload too large');
  expect(ago('2026-11-25T10:00:00Z', Date.parse('2026-11-25T10:00:01Z'))).toBe('just now');
});
