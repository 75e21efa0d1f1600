import { describe, expect, test } from '@jest/globals';

import { sentBy, totalOf } from './command-count.ts';

const SHA = '0123456789abcdef0123456789abcdef01234567';

describe('sentBy', () => {
  test.each([
    [
      'a command, by its name',
      '+1764105637.123456 [0 127.0.0.1:50312] "HGET" "{ms1}:mailboxes" "id"',
      { address: '127.0.0.1:50312', name: 'hget' },
    ],
    [
      'a script, by the last two parts of its first key',
      `+1764105637.123456 [0 127.0.0.1:50312] "evalsha" "${SHA}" "2" "{ms1}:inbound:wait" "{ms1}:inbound:active"`,
      { address: '127.0.0.1:50312', name: 'script on inbound:wait' },
    ],
    [
      'a command inside a script, not: nobody sent it',
      '+1764105637.123456 [0 lua] "HSET" "{ms1}:inbound:m-1" "name" "x"',
      undefined,
    ],
    ['the answer to MONITOR itself, not', '+OK', undefined],
    ['nonsense, not', 'what is this', undefined],
  ])('counts %s', (_, line, expected) => {
    expect(sentBy(line)).toEqual(expected);
  });
});

describe('totalOf', () => {
  test('adds up all commands of all connections', () => {
    const counts = new Map([
      [
        'poller',
        new Map([
          ['get', 2],
          ['set', 3],
        ]),
      ],
      ['others', new Map([['info', 1]])],
      ['idle', new Map<string, number>()],
    ]);
    expect(totalOf(counts)).toBe(6);
  });
});
