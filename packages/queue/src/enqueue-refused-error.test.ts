import { expect, test } from '@jest/globals';

import { EnqueueRefusedError } from './enqueue-refused-error.ts';

test.each([
  ["OOM command not allowed when used memory > 'maxmemory'.", 'out_of_memory'],
  ['Redis refused a job: ERR OOM command not allowed', 'out_of_memory'],
  ["READONLY You can't write against a read only replica.", 'read_only'],
  ['Command timed out', 'no_answer'],
  ['Connection is closed.', 'no_answer'],
  ['Reached the max retries per request limit (which is 1).', 'no_answer'],
  ['something else', 'refused'],
])('%s is %s', (message, reason) => {
  const cause = new Error(message);
  const error = EnqueueRefusedError.from('inbound', cause);
  expect(error).toMatchObject({ code: 'enqueue_refused', reason, cause });
  expect(error.message).toMatch(/^inbound can not take jobs: /);
});

test('is not wrapped twice', () => {
  const error = new EnqueueRefusedError('inbound', 'unconfirmed');
  expect(EnqueueRefusedError.from('inbound', error)).toBe(error);
});
