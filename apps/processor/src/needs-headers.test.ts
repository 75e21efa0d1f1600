import { expect, test } from '@jest/globals';
import { MailKind, type MessageRules } from '@ms1/contracts';

import { needsHeaders } from './needs-headers.ts';

test.each<[boolean, MessageRules]>([
  [false, {}],
  [false, { subject: { any: ['invoice'] }, senders: { deny: ['@spam.example'] } }],
  [true, { senders: { allow: ['@supplier.example'] } }],
  [false, { senders: { allow: ['@supplier.example'], unauthenticated: 'accept' } }],
  [true, { kinds: ['mail'] }],
  [true, { kinds: MailKind.options.filter((kind) => kind !== 'auto_reply') }],
  [false, { kinds: MailKind.options }],
  [false, { kinds: MailKind.options.filter((kind) => kind !== 'meeting') }],
  [false, { kinds: ['draft', 'meeting'] }],
  [true, { kinds: ['bounce'] }],
])('headers are needed: %j for %j', (needed, rules) => {
  expect(needsHeaders(rules)).toBe(needed);
});
