import { expect, test } from '@jest/globals';

import { noneInWords } from './none-in-words.ts';

test.each([
  [1, false, 'None among the latest 10,000.'],
  [3, false, 'None among the latest 30,000.'],
  [2, true, 'None among the 20,000 before these.'],
])('%i pages without mail say how many messages that were', (pages, isBehind, words) => {
  expect(noneInWords(pages, isBehind)).toBe(words);
});
