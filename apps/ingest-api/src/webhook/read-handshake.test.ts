import { describe, expect, test } from '@jest/globals';

import { readHandshake } from './read-handshake.ts';

describe('readHandshake', () => {
  test.each([
    ['?validationToken=abc', 'abc'],
    [
      '?validationToken=Validation%3a+Testing+client+Request-Id%3a+1%2f2',
      'Validation: Testing client Request-Id: 1/2',
    ],
    ['?route=7&validationToken=%3Cscript%3E', '<script>'],
    ['?validationToken=%E2%82%AC', '€'],
    ['?validationtoken=abc', 'abc'],
    ['?VALIDATIONTOKEN=a', 'a'],
  ])('decodes the token of %j', (query, token) => {
    expect(readHandshake(`/webhooks/graph${query}`)).toEqual({ kind: 'token', token });
  });

  test.each([
    '?validationToken=a&validationToken=b',
    '?validationToken[]=a',
    '?validationToken[x]=a',
    '?validationToken=',
    '?validationToken=a&validationtoken=a',
    `?validationToken=${'x'.repeat(4_097)}`,
  ])('refuses %s, which Graph would not send', (query) => {
    expect(readHandshake(`/webhooks/graph${query}`)).toEqual({ kind: 'bad' });
  });

  test.each(['', '?', '?token=a', '?validationTokens=a'])('sees no handshake in %j', (query) => {
    expect(readHandshake(`/webhooks/graph${query}`)).toEqual({ kind: 'none' });
  });
});
