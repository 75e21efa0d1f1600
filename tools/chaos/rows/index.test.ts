import { expect, test } from '@jest/globals';

import { ROWS } from './index.ts';

test('every row has an id of its own, of the matrix, and says what it is', () => {
  const ids = ROWS.map(({ id }) => id);
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  expect(ids.filter((id) => !/^[PRGMCDTW]\d{1,2}[a-z]?$/.test(id))).toEqual([]);
  expect(ROWS.filter(({ about, recoveryMs }) => about === '' || !(recoveryMs > 0))).toEqual([]);
});
