import { expect, test } from '@jest/globals';

import { whileRefused } from './while-refused.ts';

function refusing(
  times: number,
  message: string,
): { run: () => Promise<string>; calls: () => number } {
  let calls = 0;
  return {
    calls: () => calls,
    run: async () => {
      calls += 1;
      if (calls <= times) throw new Error(message);
      return 'done';
    },
  };
}

test.each([
  "READONLY You can't write against a read only replica.",
  'NOREPLICAS Not enough good replicas to write.',
  'LOADING Redis is loading the dataset in memory',
  'MISCONF Redis is configured to save RDB snapshots, but is unable to persist on disk.',
  "OOM command not allowed when used memory > 'maxmemory'.",
  'Command timed out',
])('repeats what Redis refuses for a while: %s', async (message) => {
  const { run, calls } = refusing(3, message);
  await expect(whileRefused(run, 1_000, 1)).resolves.toBe('done');
  expect(calls()).toBe(4);
});

test('does not repeat what will not pass', async () => {
  const { run, calls } = refusing(1, 'ERR wrong number of arguments');
  await expect(whileRefused(run, 1_000, 1)).rejects.toThrow('ERR wrong');
  expect(calls()).toBe(1);
});

test('gives up before the locks do', async () => {
  const { run } = refusing(Infinity, 'READONLY');
  await expect(whileRefused(run, 20, 5)).rejects.toThrow('READONLY');
});
