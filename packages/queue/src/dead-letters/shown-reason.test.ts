import { expect, test } from '@jest/globals';

import { shownReason } from './shown-reason.ts';

test.each([
  'payload_invalid',
  'ms4_500',
  'BAD_SUBJECT',
  'job stalled more than allowable limit',
  'MS4 answered 413: the batch is too large',
  'Graph is not available (503 ErrorMailboxMoveInProgress)',
  'Graph failed (no answer)',
])('%s is shown', (reason) => {
  expect(shownReason(reason)).toBe(reason);
});

test.each([
  'subject "Invoice 17" of Ana Maria, file a.pdf, is not allowed',
  'Invoice 17',
  'Unexpected token \'I\', "Invoice 17" is not valid JSON',
  'Graph failed for ana@contoso.example (500)',
  `x${'y'.repeat(64)}`,
  '',
])('%s is not: somebody else wrote it', (reason) => {
  expect(shownReason(reason)).toBeNull();
});
