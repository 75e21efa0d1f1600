import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { jobIdOf, keyOfJobId, messageKey } from './message-key.ts';

const identity = {
  tenantId: '11111111-2222-3333-4444-555555555555',
  mailboxId: 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee',
  messageId: 'AAkALgAAAAAAHYQDEapmEc2byACqAC-EWg0AoO8u2',
};

describe('messageKey', () => {
  // Computed from the definition with Python's hashlib and struct, not with this code.
  test('is what it always was: a change is a migration of ledgers, queues and MS4', () => {
    expect(messageKey(identity)).toBe('ztyrDrVdwUr0mlIGzKX-Fw');
  });

  // By hashlib and struct, too.
  test('is the same of an id that is longer than any', () => {
    expect(messageKey({ ...identity, messageId: 'ä'.repeat(4_000) })).toBe(
      'ejy6tsoC7Wr3hk_90B7C6w',
    );
  });

  test('does not care how a GUID is spelled, and does care how a message id is', () => {
    const shouted = {
      ...identity,
      tenantId: identity.tenantId.toUpperCase(),
      mailboxId: identity.mailboxId.toUpperCase(),
    };
    expect(messageKey(shouted)).toBe(messageKey(identity));
    expect(messageKey({ ...identity, messageId: identity.messageId.toLowerCase() })).not.toBe(
      messageKey(identity),
    );
  });

  test('never gives two identities one key by moving a letter from one part to the next', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 3 }), (text) => {
        const split = (at: number) =>
          messageKey({ ...identity, mailboxId: text.slice(0, at), messageId: text.slice(at) });
        fc.pre(text.toLowerCase() === text);
        expect(split(1)).not.toBe(split(2));
      }),
    );
  });

  test.each(['tenantId', 'mailboxId', 'messageId'] as const)('refuses an empty %s', (part) => {
    expect(() => messageKey({ ...identity, [part]: '' })).toThrow(RangeError);
  });

  test('becomes a job id that BullMQ accepts, and back', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (messageId) => {
        const key = messageKey({ ...identity, messageId });
        const jobId = jobIdOf(key);
        expect(key).toMatch(/^[\w-]{22}$/);
        expect(jobId).not.toContain(':');
        expect(Number.isInteger(Number(jobId))).toBe(false);
        expect(keyOfJobId(jobId)).toBe(key);
      }),
    );
    expect(keyOfJobId('repeat:poll:123')).toBeUndefined();
  });
});
