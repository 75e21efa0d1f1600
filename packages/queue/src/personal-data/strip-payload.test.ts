import { expect, test } from '@jest/globals';
import { IngestMessage, StrippedRecord } from '@ms1/contracts';
import { aDelivery, aMessage, aMetadata } from '@ms1/testkit';

import { strippedPayload } from './strip-payload.ts';

const IDS = {
  tenantId: '22222222-2222-4222-8222-222222222222',
  mailboxId: '11111111-1111-4111-8111-111111111111',
  messageId: 'AAkALg-1',
};
const NOTICED = { source: 'poll' as const, sessionId: 's1', noticedAt: '2026-03-01T10:00:05.000Z' };
const NOTICE = aMessage(1, { ...IDS, ...NOTICED, metadata: aMetadata({ hasAttachments: true }) });
const RECORD = aDelivery(1, {
  mailbox: IDS.mailboxId,
  sessionId: NOTICED.sessionId,
  ingestedAt: NOTICED.noticedAt,
  attachments: [{ id: 'a', name: 'Ana.pdf', kind: 'file' }],
});

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
