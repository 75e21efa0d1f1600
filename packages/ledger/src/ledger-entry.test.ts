import { describe, expect, test } from '@jest/globals';

import { changeArguments, unpackEntry } from './ledger-entry.ts';

describe('unpackEntry', () => {
  test('reads the format that is in Redis today: changing it is a migration', () => {
    expect(unpackEntry('1dw|sess-one|mibq8e01|0|5|rs||6f1d2c66')).toEqual({
      state: 'delivered',
      sessionId: 'sess-one',
      at: Number.parseInt('mibq8e01', 36) + 1_000,
      source: 'webhook',
      reason: null,
      receipt: '6f1d2c66',
      receivedAt: null,
      queuedAt: Number.parseInt('mibq8e01', 36),
      preparedAt: Number.parseInt('mibq8e01', 36) + 5,
    });
  });

  test('reads when Exchange received it, which nobody knew of the first entries', () => {
    const base = Number.parseInt('mibq8e01', 36);
    const entry = unpackEntry('1dw|sess-one|mibq8e01|0|5|rs||6f1d2c66|1s');
    expect(entry?.receivedAt).toBe((Math.floor(base / 1_000) - 64) * 1_000);
    expect(entry?.receipt).toBe('6f1d2c66');
  });

  test.each(['', '1', '2dw|s|mibq8e01|0|||||', '1zw|s|mibq8e01|0||||', 'nonsense'])(
    'knows nothing of %j, which it can not read',
    (packed) => {
      expect(unpackEntry(packed)).toBeNull();
    },
  );
});

describe('changeArguments', () => {
  test('texts are cut to a UUID’s length, one byte a character, without the separator', () => {
    const reason = `a|b\nc€${'x'.repeat(50)}`;
    const [, , , , , cut = ''] = changeArguments([{ key: 'k', state: 'dead', at: 0, reason }]);
    expect(cut).toBe(`a_b_c_${'x'.repeat(30)}`);
    expect(Buffer.byteLength(cut)).toBe(36);
  });

  test('what is the same in all changes is sent once', () => {
    const changes = ['a', 'b'].map((key, i) => ({ key, state: 'queued' as const, at: 36 + i }));
    expect(changeArguments(changes)).toEqual(['1n11111', 'q', '10', '11', '', '-', '', '', '']);
  });
});
