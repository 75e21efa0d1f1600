import { expect, test } from '@jest/globals';
import { IngestMessage, StrippedRecord } from '@ms1/contracts';

import { strippedPayload } from './strip-payload.ts';

const IDS = {
  tenantId: '22222222-2222-4222-8222-222222222222',
  mailboxId: '11111111-1111-4111-8111-111111111111',
  messageId: 'AAkALg-1',
};
const NOTICED = { source: 'poll' as const, sessionId: 's1', noticedAt: '2026-03-01T10:00:05.000Z' };
const METADATA = {
  internetMessageId: '<1@mail.example>',
  conversationId: 'c',
  subject: 'Invoice 17',
  from: { address: 'ana@contoso.example', name: 'Ana Maria' },
  sender: null,
  to: [{ address: 'ap@company.example', name: null }],
  cc: [],
  replyTo: [],
  receivedAt: '2026-03-01T10:00:00.000Z',
  sentAt: null,
  importance: 'normal' as const,
  bodyPreview: 'Dear all',
  webLink: 'https://outlook.example/1',
};
const NOTICE = { v: 1, ...IDS, ...NOTICED, metadata: { ...METADATA, hasAttachments: true } };
const RECORD = {
  v: 1,
  record: {
    id: 'k'.repeat(22),
    schemaVersion: 1,
    mailbox: IDS.mailboxId,
    messageId: IDS.messageId,
    source: 'poll',
    sessionId: 's1',
    ingestedAt: NOTICED.noticedAt,
    attachments: [{ id: 'a', name: 'Ana.pdf', kind: 'file' }],
    ...METADATA,
  },
};

test('a notice keeps its ids, and is one still', () => {
  const stripped = strippedPayload('inbound', { ...NOTICE, added: 'Ana' });
  expect(stripped).toEqual({ v: 1, ...IDS, ...NOTICED });
  expect(IngestMessage.parse(stripped)).toEqual(stripped);
});

test('a record keeps which message it is', () => {
  const stripped = strippedPayload('outbound', RECORD);
  const { mailboxId, messageId } = IDS;
  expect(stripped).toEqual({ v: 2, stripped: { mailboxId, messageId, ...NOTICED } });
  expect(StrippedRecord.parse(stripped)).toEqual(stripped);
  expect(strippedPayload('outbound', stripped)).toEqual(stripped);
});

test.each([[undefined], [null], ['Ana'], [{}], [{ v: 1, record: { subject: 'Ana' } }], [NOTICE]])(
  'of what is no record nothing is left (%#)',
  (payload) => expect(strippedPayload('outbound', payload)).toEqual({}),
);

test('what a later version wrote is left to it', () => {
  expect(strippedPayload('outbound', { v: 3, mail: 'Ana' })).toBeNull();
  expect(strippedPayload('inbound', { v: 3, mail: 'Ana' })).toBeNull();
});
