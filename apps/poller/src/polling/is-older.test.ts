import { expect, test } from '@jest/globals';

import { isOlder } from './is-older.ts';

const SINCE = '2026-11-29T00:00:00.000Z';
const at = (receivedDateTime: string | null) => ({
  id: 'x',
  message: { id: 'x', receivedDateTime },
});

test.each([
  ['2026-11-28T23:59:59Z', true],
  ['2026-11-29T00:00:00Z', false],
  ['1997-01-01T00:00:00Z', true],
  // What stands for no time at all says nothing of the age.
  ['0001-01-01T00:00:00Z', false],
  ['0001-01-01T00:00:00-08:00', false],
  ['1601-01-01T00:00:00Z', false],
  ['1900-01-01T00:00:00Z', false],
  ['1970-01-01T00:00:00Z', false],
  ['1980-01-01T00:00:00Z', false],
  ['yesterday', false],
  ['', false],
  [null, false],
  ['4501-01-01T00:00:00Z', false],
])('received %j is older than the bound: %j', (time, older) => {
  expect(isOlder(at(time), SINCE)).toBe(older);
});

test('a message that cannot be read is not older', () => {
  expect(isOlder({ id: 'x', message: null }, SINCE)).toBe(false);
});
