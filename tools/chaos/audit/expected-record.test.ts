import { describe, expect, test } from '@jest/globals';

import { noCorruption } from './corruption.ts';
import type { Evidence } from './evidence.ts';
import { expectedRecord, shownRecord } from './expected-record.ts';

type Json = Record<string, unknown>;

const person = (name: string, address = `${name}@example.com`) => ({ name, address });
const seen = (name: string) => ({ emailAddress: person(name) });

function setup(message: Json = {}, files: Json[] = []) {
  const graph = {
    subject: 'an invoice',
    from: seen('a'),
    sender: seen('a'),
    toRecipients: [seen('b'), seen('c')],
    ccRecipients: [],
    replyTo: [],
    receivedDateTime: '2026-11-30T07:00:00Z',
    sentDateTime: '2026-11-30T06:59:00Z',
    internetMessageId: '<1@example.com>',
    conversationId: 'c',
    importance: 'normal',
    bodyPreview: 'hello',
    webLink: 'https://example.com',
    ...message,
  };
  const record: Json = {
    id: 'a-key',
    subject: graph.subject,
    from: person('a'),
    sender: person('a'),
    to: [person('b'), person('c')],
    cc: [],
    replyTo: [],
    receivedAt: '2026-11-30T07:00:00.000Z',
    sentAt: '2026-11-30T06:59:00.000Z',
    internetMessageId: '<1@example.com>',
    conversationId: 'c',
    importance: 'normal',
    bodyPreview: 'hello',
    webLink: 'https://example.com',
    attachments: [],
  };
  /** members of the record with these changes that are not what the message says */
  const differing = (changes: Json): string[] => {
    const stored = { ...record, ...changes };
    const source = expectedRecord(graph, files, stored);
    const pairs = [{ key: 'a-key', source, record: shownRecord(stored) }];
    const { worst } = noCorruption({ mail: [], effects: [], pairs } as unknown as Evidence);
    return worst.map((line) => line.split(' ')[1] ?? '');
  };
  return { differing };
}

describe('a record in MS4', () => {
  test('that says what the message says is what it must be', () => {
    expect(setup().differing({})).toEqual([]);
  });

  test.each([
    ['subject', { subject: 'an invoicе' }],
    ['from', { from: person('a', 'someone@example.com') }],
    ['to', { to: [person('c'), person('b')] }],
    ['to', { to: [person('b')] }],
    ['receivedAt', { receivedAt: '2026-11-30T07:00:01.000Z' }],
    ['bodyPreview', { bodyPreview: null }],
    ['attachments', { attachments: [{ id: 'x', name: 'a.pdf', kind: 'file' }] }],
    ['truncated', { truncated: ['subject'] }],
  ])('whose %s was corrupted is found', (member, changes) => {
    expect(setup().differing(changes)).toEqual([member]);
  });

  test('has text without NUL and without halves of pairs, and every other character', () => {
    const odd = '\u202Ea\0b\uD83D c\uDE00 \u{1F600}\u0007\r\n';
    const { differing } = setup({ subject: odd });
    expect(differing({ subject: '\u202Eab c \u{1F600}\u0007\r\n' })).toEqual([]);
    expect(differing({ subject: '\u202Eab c \u{1F600}\u0007' })).toEqual(['subject']);
  });

  test('has the first 1,024 of a long text, and says so', () => {
    const { differing } = setup({ subject: `${'x'.repeat(1_023)}\u{1F600}${'y'.repeat(9_000)}` });
    const subject = 'x'.repeat(1_023);
    expect(differing({ subject, truncated: ['subject'] })).toEqual([]);
    expect(differing({ subject })).toEqual(['truncated']);
    expect(differing({ subject: 'x', truncated: ['subject'] })).toEqual(['subject']);
  });

  test('has the first of many recipients, at least 2 KB of them, in their order', () => {
    const names = Array.from({ length: 1_000 }, (_, n) => `r${n}`);
    const { differing } = setup({ toRecipients: names.map(seen) });
    const to = names.slice(0, 150).map((name) => person(name));
    expect(differing({ to, truncated: ['to'] })).toEqual([]);
    expect(differing({ to })).toEqual(['truncated']);
    expect(differing({ to: to.toReversed(), truncated: ['to'] })).toEqual(['to']);
    expect(differing({ to: to.slice(0, 3), truncated: ['to'] })).toEqual(['to', 'truncated']);
  });

  test('has each file as Graph lists it', () => {
    const file = { id: 'f', name: '../a\0.pdf', contentType: 'x', size: 9, isInline: false };
    const { differing } = setup({}, [
      { ...file, '@odata.type': '#microsoft.graph.itemAttachment' },
    ]);
    const attachment = { ...file, name: '../a.pdf', kind: 'item', invoiceCandidate: false };
    expect(differing({ attachments: [attachment] })).toEqual([]);
    expect(differing({ attachments: [{ ...attachment, name: 'a.pdf' }] })).toEqual(['attachments']);
    expect(differing({ attachments: [] })).toEqual(['attachments']);
  });

  test('lacks files only where it would be above 64 KB with them', () => {
    const file = { name: 'a.pdf', contentType: 'application/pdf', size: 9, isInline: false };
    const files = Array.from({ length: 450 }, (_, n) => ({
      ...file,
      id: `${n}`.padStart(60, '-'),
    }));
    const kept = files.slice(0, 400).map((one) => ({ ...one, kind: 'file' }));
    const cut = { attachments: kept, truncated: ['attachments'] };
    expect(setup({}, files).differing(cut)).toEqual([]);
    expect(setup({}, files).differing({ attachments: kept })).toEqual(['truncated']);
    expect(
      setup({}, files.slice(0, 200)).differing({ ...cut, attachments: kept.slice(0, 100) }),
    ).toEqual(['attachments', 'truncated']);
  });
});
