import { describe, expect, test } from '@jest/globals';

import { causeOf, fingerprintOf } from './cause.ts';

describe('causeOf', () => {
  test.each([
    ['payload_invalid', 'payload_invalid'],
    ['', 'unknown'],
    [
      'Graph answered 400 for mail of ana@contoso.example',
      'Graph answered 400 for mail of <address>',
    ],
    ['ms4_500', 'ms4_500'],
    ['MS4 answered 403', 'MS4 answered 403'],
    ['took 1532 ms of 10000', 'took # ms of #'],
    ['of 0bf30f3b-4a52-48df-9a82-234910c4a086', 'of <id>'],
    [`of AAMkAGI2${'x'.repeat(60)}=`, 'of <id>'],
    ['job stalled more than allowable limit', 'job stalled more than allowable limit'],
  ])('%s is %s', (reason, cause) => {
    expect(causeOf(reason)).toBe(cause);
  });

  test('the same cause at two stages is two groups', () => {
    expect(fingerprintOf('inbound', 'a')).toMatch(/^[\w-]{12}$/);
    expect(fingerprintOf('inbound', 'a')).not.toBe(fingerprintOf('outbound', 'a'));
  });
});
