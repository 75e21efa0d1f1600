import { describe, expect, test } from '@jest/globals';

import { MessageRules } from './message-rules.ts';

describe('MessageRules', () => {
  test('restricts nothing where nothing is given, and keeps senders in lower case', () => {
    expect(MessageRules.parse({})).toEqual({});
    expect(
      MessageRules.parse({ senders: { allow: [' Billing@Example.COM ', '@Example.org'] } }),
    ).toEqual({ senders: { allow: ['billing@example.com', '@example.org'] } });
  });

  test.each([
    { senders: { allow: ['example.org'] } },
    { senders: { deny: ['a b@example.org'] } },
    { senders: { allow: [] } },
    { subject: { any: ['  '] } },
    { subject: { none: ['\u200B\u00AD'] } },
    { kinds: [] },
    { kinds: ['spam'] },
    { attachmentBytes: { min: 2, max: 1 } },
    { attachmentBytes: { max: -1 } },
    { hasAttachment: true },
    { senders: { allowed: ['@example.org'] } },
  ])('refuses %j, which would restrict otherwise than somebody meant', (rules) => {
    expect(MessageRules.safeParse(rules).success).toBe(false);
  });
});
