import { expect, test } from '@jest/globals';
import { aMetadata } from '@ms1/testkit';

import { KeptMetadata } from './kept-metadata.ts';

test('what was asked for and has expired is kept again when a page tells it again', () => {
  const clock = { at: 0, now: () => clock.at };
  const kept = new KeptMetadata(clock, 10);
  kept.keep([{ id: 'a', metadata: aMetadata({ subject: 'first' }) }]);
  expect(kept.take('a')?.subject).toBe('first');
  clock.at += 60_000;
  expect(kept.take('a')).toBeUndefined();
  kept.keep([{ id: 'a', metadata: aMetadata({ subject: 'again' }) }]);
  expect(kept.take('a')?.subject).toBe('again');
});
