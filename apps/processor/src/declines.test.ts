import { describe, expect, test } from '@jest/globals';
import { MessageRules } from '@ms1/contracts';
import { aMetadata } from '@ms1/testkit';

import { declinesAttachments, declinesMetadata } from './declines.ts';
import { foldRules } from './fold-rules.ts';

const rulesOf = (rules: object) => foldRules(MessageRules.parse(rules));

const from = (address: string | null) =>
  aMetadata({ from: address === null ? null : { address, name: null } });
const subject = (text: string | null) => aMetadata({ subject: text });
const file = (size?: number) => ({
  id: 'a',
  name: 'i.pdf',
  kind: 'file' as const,
  ...(size !== undefined && { size }),
});

describe('declinesMetadata', () => {
  test.each<[string, object, ReturnType<typeof aMetadata>, string | null]>([
    ['no rules take everything', {}, aMetadata(), null],
    ['but drafts', {}, aMetadata({ kind: 'draft' }), 'rule_kind_draft'],
    ['a bounce by default', {}, aMetadata({ kind: 'bounce' }), null],
    ['a draft that is wanted', { kinds: ['mail', 'draft'] }, aMetadata({ kind: 'draft' }), null],
    [
      'no kind that is not named, whoever sent it',
      { kinds: ['mail'], senders: { allow: ['@a.example'] } },
      aMetadata({ kind: 'meeting' }),
      'rule_kind_meeting',
    ],
    ['what only its files will tell', { kinds: ['signed'] }, aMetadata(), null],
    [
      'an address',
      { senders: { allow: ['AR@supplier.example'] } },
      from('ar@Supplier.example'),
      null,
    ],
    ['a domain', { senders: { allow: ['@supplier.example'] } }, from('who@supplier.example'), null],
    [
      'not its subdomain',
      { senders: { allow: ['@supplier.example'] } },
      from('who@mail.supplier.example'),
      'rule_sender',
    ],
    [
      'not a domain that ends alike',
      { senders: { allow: ['@supplier.example'] } },
      from('who@evil-supplier.example'),
      'rule_sender',
    ],
    ['nobody is on no list', { senders: { allow: ['@a.example'] } }, from(null), 'rule_sender'],
    ['nobody is not denied', { senders: { deny: ['@a.example'] } }, from(null), null],
    [
      'deny wins over allow',
      { senders: { allow: ['@a.example'], deny: ['spam@a.example'] } },
      from('spam@a.example'),
      'rule_sender',
    ],
    ['text in any case', { subject: { any: ['RECHNUNG'] } }, subject('Ihre Rechnung 7'), null],
    [
      'text however it is composed',
      { subject: { any: ['numéro'] } },
      subject('NUME\u0301RO 7'),
      null,
    ],
    [
      'text as it reads, not as it is coded',
      { subject: { any: ['invoice 4711'] } },
      subject('Your IN\u200DVOICE\u00A0 4711'),
      null,
    ],
    [
      'no text that reads like what is not wanted',
      { subject: { none: ['MAHNUNG STRASSE'] } },
      subject('mahnung\u2003straße'),
      'rule_subject',
    ],
    [
      'a sender by what DNS says',
      { senders: { allow: ['@straße.example'] } },
      from('x@strasse.example'),
      'rule_sender',
    ],
    [
      'nobody who reads like one that is denied',
      { senders: { deny: ['@straße.example'] } },
      from('X@STRASSE.example'),
      'rule_sender',
    ],
    ['none of several', { subject: { any: ['a', 'b'] } }, subject('xyz'), 'rule_subject'],
    ['no subject has no text', { subject: { any: ['a'] } }, subject(null), 'rule_subject'],
    [
      'none wins over any',
      { subject: { any: ['invoice'], none: ['reminder'] } },
      subject('Reminder: invoice'),
      'rule_subject',
    ],
    [
      'all that is given must hold',
      { senders: { allow: ['@supplier.example'] }, subject: { any: ['x'] } },
      from('ar@supplier.example'),
      'rule_subject',
    ],
    [
      'what only the files tell is not decided by what Graph says of them',
      { hasAttachments: true, attachmentBytes: { min: 1 } },
      aMetadata({ hasAttachments: false }),
      null,
    ],
  ])('%s', (_name, rules, metadata, reason) => {
    expect(declinesMetadata(rulesOf(rules), metadata)).toBe(reason);
  });
});

describe('declinesAttachments', () => {
  test.each([
    [{}, [file(1)], null],
    [{ attachmentBytes: { max: 100 } }, [file(60), file(41)], 'rule_size'],
    [{ attachmentBytes: { max: 100 } }, [file(60), file(40)], null],
    [{ attachmentBytes: { min: 100 } }, [file(99)], 'rule_size'],
    [{ attachmentBytes: { min: 100 } }, [file()], 'rule_size'],
    [{ attachmentBytes: { max: 0 } }, [], null],
    [{ hasAttachments: true }, [], 'rule_no_attachments'],
    [{ hasAttachments: true }, [{ ...file(1), isInline: true }], 'rule_no_attachments'],
    [{ hasAttachments: true }, [{ ...file(1), isInline: true, invoiceCandidate: true }], null],
    [{ hasAttachments: true }, [file(1)], null],
    [{ hasAttachments: false }, [file(1)], 'rule_attachments'],
    [{ hasAttachments: false }, [{ ...file(1), isInline: true }], null],
    [{ hasAttachments: true, attachmentBytes: { min: 2 } }, [file(1)], 'rule_size'],
  ])('%j of %j: %s', (rules, attachments, reason) => {
    expect(declinesAttachments(rulesOf(rules), attachments)).toBe(reason);
  });
});

test('what could not be read declines nothing', () => {
  const rules = rulesOf({ senders: { allow: ['@a.example'] }, subject: { any: ['x'] } });
  const unreadable = ['from', 'subject'];
  expect(declinesMetadata(rules, aMetadata({ from: null, subject: null, unreadable }))).toBe(null);
  expect(declinesMetadata(rules, aMetadata({ from: null, unreadable: ['importance'] }))).toBe(
    'rule_sender',
  );
});
