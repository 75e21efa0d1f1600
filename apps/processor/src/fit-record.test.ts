import { describe, expect, test } from '@jest/globals';
import {
  type Attachment,
  DeliverRecord,
  type MessageMetadata,
  type MessageRecord,
  OUTBOUND_BYTES_MAX,
} from '@ms1/contracts';
import { aMessage, aMetadata } from '@ms1/testkit';
import * as fc from 'fast-check';

import { fitRecord } from './fit-record.ts';
import { toRecord } from './to-record.ts';

const address = (name: string) => ({ address: `${name}@company.example`, name });
const many = (count: number, name: string) =>
  Array.from({ length: count }, (_, n) => address(`${name}${n}`));
const files = (count: number, more: Partial<Attachment> = {}) =>
  Array.from(
    { length: count },
    (_, n): Attachment => ({
      id: `${n}-`.padEnd(100, 'A'),
      name: `RE-${n}.pdf`,
      kind: 'file',
      ...more,
    }),
  );
const bytesOf = (value: object) => Buffer.byteLength(JSON.stringify(value));
const recordOf = (metadata: Partial<MessageMetadata>, attachments: Attachment[] = []) =>
  toRecord(aMessage(1), aMetadata(metadata), attachments);

describe('fitRecord', () => {
  test('leaves a record that fits as it is, without a mark', () => {
    const record = recordOf({ cc: many(20, 'cc') }, files(3));
    expect(record).not.toHaveProperty('truncated');
    expect(fitRecord(record)).toBe(record);
  });

  test('cuts cc first, from the end, only as many as needed, and says so', () => {
    const metadata = { to: many(3, 'to'), cc: many(400, 'cc'), replyTo: many(2, 'rt') };
    const record = recordOf(metadata);
    expect(record.truncated).toEqual(['cc']);
    expect(record.cc).toEqual(metadata.cc.slice(0, record.cc.length));
    expect([record.to, record.replyTo]).toEqual([metadata.to, metadata.replyTo]);
    expect(bytesOf(record)).toBeLessThanOrEqual(8_172);
    // no more than one of them and the room for the longest mark is wasted
    expect(bytesOf(record)).toBeGreaterThan(8_172 - 160 - 60);
  });

  test('goes on with reply-to, then with to, each from its end', () => {
    const metadata = { to: many(400, 'to'), cc: many(5, 'cc'), replyTo: many(400, 'rt') };
    const record = recordOf(metadata);
    expect(record.truncated).toEqual(['to', 'cc', 'replyTo']);
    expect([record.cc, record.replyTo]).toEqual([[], []]);
    expect(record.to).toEqual(metadata.to.slice(0, record.to.length));
    expect(record.to.length).toBeGreaterThan(50);
  });

  test.each([28, 40, 200])('empties no recipients because of %i attachments', (count) => {
    const metadata = { to: many(3, 'to'), cc: many(400, 'cc'), replyTo: many(2, 'rt') };
    const record = recordOf(metadata, files(count));
    expect(record.attachments).toHaveLength(count);
    expect([record.to, record.replyTo]).toEqual([metadata.to, metadata.replyTo]);
    expect(record.cc.length).toBeGreaterThan(20);
    expect(record.truncated).toEqual(['cc']);
  });

  test('cuts attachments only above 64 KB, those first that are no invoices', () => {
    const attachments = [
      ...files(200, { invoiceCandidate: true }),
      ...files(200, { kind: 'item', invoiceCandidate: false }),
      ...files(20, { invoiceCandidate: true }),
    ];
    const record = recordOf({ to: many(3, 'to') }, attachments);
    const candidates = (list: Attachment[]) => list.filter((one) => one.invoiceCandidate);
    expect(record.truncated).toEqual(['attachments']);
    expect(candidates(record.attachments)).toEqual(candidates(attachments));
    expect(bytesOf({ v: 1, record })).toBeLessThanOrEqual(OUTBOUND_BYTES_MAX);
    expect(bytesOf({ v: 1, record })).toBeGreaterThan(OUTBOUND_BYTES_MAX - 500);
  });

  test('cuts a text that no mail has, in recipients and attachments too, and no pair in two', () => {
    const long = `${'x'.repeat(1_023)}😀${'x'.repeat(90_000)}`;
    const record = recordOf(
      {
        subject: long,
        webLink: `https://${long}`,
        from: { address: long, name: 'A' },
        to: [address(long)],
      },
      files(1, { name: long }),
    );
    expect(record.subject).toBe('x'.repeat(1_023));
    expect(record.webLink).toBeNull();
    expect(record.attachments[0]?.name).toHaveLength(1_023);
    expect(record.truncated).toEqual(['subject', 'from', 'to', 'webLink', 'attachments']);
    expect(record.to).toHaveLength(1);
  });

  test('property: whatever a mail holds, the payload fits, is valid, and marks exactly what is shorter', () => {
    const text = fc.oneof(
      fc.string(),
      fc.integer({ min: 0, max: 30_000 }).map((length) => '€"'.repeat(length)),
    );
    const recipient = fc.record({ address: text, name: fc.option(text) });
    const list = fc.array(recipient, { maxLength: 60 });
    const attachment = fc.record({
      id: fc.stringMatching(/^[A-Za-z0-9]{100,200}$/),
      name: fc.option(text),
      kind: fc.constantFrom('file' as const, 'item' as const),
      invoiceCandidate: fc.boolean(),
    });
    const mail = fc.record({
      subject: fc.option(text),
      webLink: fc.option(text),
      from: fc.option(recipient),
      to: list,
      cc: list,
      replyTo: list,
      attachments: fc.array(attachment, { maxLength: 80 }),
    });
    fc.assert(
      fc.property(mail, ({ attachments, ...metadata }) => {
        const whole: MessageRecord = { ...recordOf({}), ...metadata, attachments };
        const record = fitRecord(whole);
        expect(bytesOf(DeliverRecord.parse({ v: 1, record }))).toBeLessThanOrEqual(
          OUTBOUND_BYTES_MAX,
        );
        const { truncated = [], ...rest } = record;
        const shorter = Object.entries(rest).filter(
          ([member, value]) =>
            JSON.stringify(value) !== JSON.stringify(whole[member as keyof MessageRecord]),
        );
        expect(truncated).toEqual(shorter.map(([member]) => member));
        expect(fitRecord(whole)).toEqual(record);
      }),
      { numRuns: 50 },
    );
  });
});
