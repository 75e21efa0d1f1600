import { expect, test } from '@jest/globals';

import { batchSettings } from './batch-options.ts';

test('everything but the size has a default', () => {
  expect(batchSettings({ size: 100 })).toEqual({
    size: 100,
    minSize: 1,
    timeout: -1,
    idle: -1,
    concurrency: 1,
    reserve: false,
    isolateStalled: true,
    closeTimeout: -1,
    deadline: -1,
    driver: 'auto',
    lean: false,
  });
});

test.each([
  [{ size: 0 }, /batch\.size/],
  [{ size: 1_001 }, /batch\.size/],
  [{ size: 2.5 }, /batch\.size/],
  [{ size: 10, minSize: 11 }, /batch\.minSize/],
  [{ size: 10, concurrency: 0 }, /batch\.concurrency/],
])('refuses %j', (options, message) => {
  expect(() => batchSettings(options)).toThrow(message);
});
