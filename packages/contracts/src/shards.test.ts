import { describe, expect, test } from '@jest/globals';

import { messageKey, shardOf, shardPrefixes } from './index.ts';

const keys = Array.from({ length: 6_000 }, (_, n) =>
  messageKey({ tenantId: 't', mailboxId: 'm', messageId: `AAkALg-${n}` }),
);

describe('shards', () => {
  test('one is the prefix itself, as before there were any', () => {
    expect(shardPrefixes('{ms1}', 1)).toEqual(['{ms1}']);
    expect(shardOf('any key', 1)).toBe(0);
  });

  test('several have a hash tag each', () => {
    expect(shardPrefixes('{ms1}', 3)).toEqual(['{ms1:0}', '{ms1:1}', '{ms1:2}']);
  });

  test('the messages of one mailbox fill all alike', () => {
    const sizes = [...Map.groupBy(keys, (key) => shardOf(key, 6)).values()].map(
      ({ length }) => length,
    );
    expect(sizes).toHaveLength(6);
    expect(Math.min(...sizes)).toBeGreaterThan(900);
    expect(Math.max(...sizes)).toBeLessThan(1_100);
  });

  // Changing it would have a process look for entries where they are not.
  test('a message stays in its shard', () => {
    expect(keys.slice(0, 8).map((key) => shardOf(key, 6))).toEqual([1, 2, 1, 3, 2, 1, 1, 0]);
  });
});
