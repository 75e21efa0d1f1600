import { describe, expect, test } from '@jest/globals';

import { causeOf, fingerprintOf } from './cause.ts';

describe('causeOf', () => {
  test.each([
    ['payload_invalid', 'payload_invalid'],
    ['', 'unknown'],
    ['ms4_500', 'ms4_500'],
    ['MS4 answered 403', 'MS4 answered 403'],
    ['MS4 took 1532 of 10000', 'MS4 took # of #'],
    ['job stalled more than allowable limit', 'job stalled more than allowable limit'],
    ['Graph answered 400 for mail of ana@contoso.example', 'other'],
  ])('%s is %s', (reason, cause) => {
    expect(causeOf(reason)).toBe(cause);
  });

  test('the same cause at two stages is two groups', () => {
    expect(fingerprintOf('inbound', 'a')).toMatch(/^[\w-]{12}$/);
    expect(fingerprintOf('inbound', 'a')).not.toBe(fingerprintOf('outbound', 'a'));
  });
});
