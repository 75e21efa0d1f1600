import { describe, expect, test } from '@jest/globals';
import { jobIdOf } from '@ms1/contracts';

import { createPreparedRecorder } from './prepared-recorder.ts';

const KEYS = ['a', 'b', 'c'].map((letter) => letter.repeat(22));

function setup(record: (keys: string[]) => Promise<void> = async () => undefined) {
  const writes: string[][] = [];
  const errors: unknown[] = [];
  const recorder = createPreparedRecorder({
    ledger: {
      async record(changes) {
        const keys = changes.map(({ key }) => key);
        writes.push(keys);
        await record(keys);
      },
    },
    clock: { now: () => 1 },
    onError: (error) => errors.push(error),
  });
  const complete = (...keys: string[]) => {
    for (const key of keys) recorder.completed({ id: jobIdOf(key), data: { sessionId: 's' } });
  };
  return { recorder, complete, writes, errors };
}

describe('prepared recorder', () => {
  test('the completions of a batch are one write', async () => {
    const { recorder, complete, writes } = setup();
    complete(...KEYS);
    await recorder.flush();
    expect(writes).toEqual([KEYS]);
  });

  test('writes by itself, without a flush', async () => {
    const { promise, resolve } = Promise.withResolvers<string[]>();
    const { complete } = setup(async (keys) => resolve(keys));
    complete(KEYS[0] ?? '');
    expect(await promise).toEqual([KEYS[0]]);
  });

  test('a ledger that cannot be written is told, and the next batch is tried again', async () => {
    let broken = true;
    const { recorder, complete, writes, errors } = setup(async () => {
      if (broken) throw new Error('OOM');
    });
    complete(KEYS[0] ?? '');
    await recorder.flush();
    broken = false;
    complete(KEYS[1] ?? '');
    await recorder.flush();
    expect(errors).toHaveLength(1);
    expect(writes).toHaveLength(2);
  });
});
