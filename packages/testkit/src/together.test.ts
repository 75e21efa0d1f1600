import { expect, test } from '@jest/globals';

import { together } from './together.ts';

test('each is run, and each that fails is told', async () => {
  const ran: string[] = [];
  const fails = (name: string) => async () => {
    ran.push(name);
    throw new Error(`${name} is lost`);
  };
  const run = together(
    ['a message', fails('it')],
    ['a record', async () => void ran.push('kept')],
    ['a page', fails('all of it')],
  );
  await expect(run()).rejects.toThrow(
    /^a message\nError: it is lost\n[^]*\n\na page\nError: all of it is lost/,
  );
  expect(ran).toEqual(['it', 'kept', 'all of it']);
});
