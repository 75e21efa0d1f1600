import { describe, expect, test } from '@jest/globals';

import { claimsChallenge } from './claims-challenge.ts';

const CLAIMS = '{"access_token":{"nbf":{"essential":true,"value":"1"}}}';
const encoded = Buffer.from(CLAIMS).toString('base64');

describe('claimsChallenge', () => {
  test('reads the claims that the next token must carry', () => {
    expect(
      claimsChallenge(`Bearer realm="", error="insufficient_claims", claims="${encoded}"`),
    ).toBe(CLAIMS);
  });

  test.each([
    null,
    'Bearer realm=""',
    `Bearer error="invalid_token", claims="${encoded}"`,
    'Bearer error="insufficient_claims", claims="bm90IEpTT04="',
    'Bearer error="insufficient_claims", claims="MQ=="',
  ])('passes nothing on that is no demand for claims: %j', (header) => {
    expect(claimsChallenge(header)).toBeUndefined();
  });
});
