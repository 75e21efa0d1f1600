import { expect, test } from '@jest/globals';

import { PasswordCheck } from './password-check.ts';

/** A thousandth of the real one. */
const COST = { N: 2 ** 7 };

test('only the password itself is right, whatever its length, beside however many others', async () => {
  const check = new PasswordCheck('correct horse');
  const given = ['', 'correct horse ', 'Correct horse', 'c'.repeat(4_000), 'correct horse'];
  const right = await Promise.all(given.map((one) => check.matches(one, 'salt')));
  expect(right).toEqual([false, false, false, false, true]);
});

test('its digest tells it from another one, and is of no use beside another salt', async () => {
  const digestOf = async (password: string, salt: string) =>
    (await new PasswordCheck(password, COST).digest(salt)).toString('hex');
  const known = await digestOf('correct horse', 'salt');
  expect(await digestOf('correct horse', 'salt')).toBe(known);
  expect(await digestOf('another horse', 'salt')).not.toBe(known);
  expect(await digestOf('correct horse', 'pepper')).not.toBe(known);
});
