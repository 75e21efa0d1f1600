import { describe, expect, test } from '@jest/globals';
import { type Attachment, DeliverRecord, messageKey, OUTBOUND_BYTES_MAX } from '@ms1/contracts';
import * as fc from 'fast-check';

import { aMessage, aMetadata } from '../test/a-message.ts';
import { toRecord } from './to-record.ts';

const address = (name: string) => ({ address: `${name}@company.example`, name });
const many = (count: number, name: string) =>
  Array.from({ length: count }, (_, n) => address(`${name}${n}`));
const bytesOf = (value: object) => Buffer.byteLength(JSON.stringify(value));

describe('toRecord', () => {
  test('is the record of the contract, with nothing of the payload but what belongs there', () => {
    const message = aMessage(1, { sessionId: 's1' });
    const attachments: Attachment[] = [{ id: 'a1', name: 'i.pdf', kind: 'file', size: 7 }];
    const { hasAttachments: _, ...metadata } = aMetadata({ hasAttachments: true });
    expect(toRecord(message, aMetadata({ hasAttachments: true }), attachments)).toEqual({
      ...metadata,
      id: messageKey(message),
      schemaVersion: 1,
      sessionId: 's1',
      mailbox: 'mailbox',
      messageId: 'AAkALg-1',
      source: 'webhook',
      ingestedAt: message.noticedAt,
      attachments,
    });
  });

  test('the same job becomes the same bytes', () => {
    const [once, again] = [1, 1].map((n) => JSON.stringify(toRecord(aMessage(n), aMetadata(), [])));
    expect(once).toBe(again);
  });

  test('cuts cc first, from the end, and only as many as needed', () => {
    const metadata = aMetadata({ to: many(3, 'to'), cc: many(20, 'cc'), replyTo: many(2, 'rt') });
    const whole = bytesOf(toRecord(aMessage(1), metadata, [], 1e9));
    // two recipients and the commas before them, to the byte
    const record = toRecord(aMessage(1), metadata, [], whole - 2 * (bytesOf(address('cc19')) + 1));
    expect(record.cc).toEqual(metadata.cc.slice(0, record.cc.length));
    expect(record.cc.length).toBe(18);
    expect([record.to, record.replyTo]).toEqual([metadata.to, metadata.replyTo]);
  });

  test('never cuts attachments, even when they alone are too much', () => {
    const attachments = Array.from(
      { length: 200 },
      (_, n): Attachment => ({ id: `attachment-${n}`, name: 'x'.repeat(60), kind: 'file' }),
    );
    const record = toRecord(aMessage(1), aMetadata({ cc: many(5, 'cc') }), attachments);
    expect(record.attachments).toEqual(attachments);
    expect([record.to, record.cc]).toEqual([[], []]);
  });

  test('property: whatever the recipients, the payload fits, is valid, and keeps each list’s beginning', () => {
    const list = fc.array(
      fc.record({ address: fc.string({ unit: 'binary' }), name: fc.option(fc.string()) }),
      { maxLength: 200 },
    );
    fc.assert(
      fc.property(list, list, list, (to, cc, replyTo) => {
        const record = toRecord(aMessage(1), aMetadata({ to, cc, replyTo }), []);
        const payload = DeliverRecord.parse({ v: 1, record });
        expect(bytesOf(payload)).toBeLessThanOrEqual(OUTBOUND_BYTES_MAX);
        expect(record.to).toEqual(to.slice(0, record.to.length));
        expect(record.cc).toEqual(cc.slice(0, record.cc.length));
        expect(record.replyTo).toEqual(replyTo.slice(0, record.replyTo.length));
      }),
      { numRuns: 50 },
    );
  });
});
