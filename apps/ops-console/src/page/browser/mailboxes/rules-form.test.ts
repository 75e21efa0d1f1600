import { expect, test } from '@jest/globals';
import { MailKind, MessageRules } from '@ms1/contracts';

import { formOf, KINDS, rulesOf } from './rules-form.ts';

const ALL = MailKind.options.filter((kind) => kind !== 'draft');

test.each<MessageRules>([
  {},
  { senders: { allow: ['@a.example', 'b@c.example'] } },
  { senders: { deny: ['x@y.example'], unauthenticated: 'accept' } },
  { subject: { any: ['invoice', 'credit note'], none: ['reminder'] } },
  { kinds: ['mail', 'draft'], hasAttachments: true },
  { hasAttachments: false, attachmentBytes: { min: 0 } },
  { attachmentBytes: { min: 1, max: 25_000_000 } },
])('%j is the same after it was written in fields', (rules) => {
  expect(MessageRules.parse(rulesOf(formOf(rules)))).toEqual(rules);
});

test('fields know every kind of mail, and those that are taken without a rule are no rule', () => {
  expect(Object.keys(KINDS).toSorted()).toEqual(MailKind.options.toSorted());
  expect(rulesOf(formOf({ kinds: ALL }))).toEqual({});
});

test('empty lines and blanks are no entries', () => {
  const form = { ...formOf({}), any: ' invoice \n\n  \ncredit note', minBytes: ' ' };
  expect(rulesOf(form)).toEqual({ subject: { any: ['invoice', 'credit note'] } });
});
