import { describe, expect, test } from '@jest/globals';
import { MessageMetadata } from '@ms1/contracts';

import { GraphMessage, isWhole, MESSAGE_SELECT } from './graph-message.ts';
import { toMetadata } from './to-metadata.ts';

const of = (fields: object) => toMetadata(GraphMessage.parse({ id: 'x', ...fields }));

describe('toMetadata', () => {
  test('makes valid metadata of a message of which everything but the id is null', () => {
    const nulls = Object.fromEntries(
      MESSAGE_SELECT.split(',')
        .filter((name) => name !== 'id')
        .map((name) => [name, null]),
    );
    expect(MessageMetadata.parse(of(nulls))).toMatchObject({
      subject: null,
      from: null,
      to: [],
      importance: 'normal',
      // Nobody knows, so somebody looks.
      hasAttachments: null,
      receivedAt: '1970-01-01T00:00:00.000Z',
    });
    expect(of({})).toEqual(of(nulls));
  });

  test.each([
    ['2018-09-09T03:15:08Z', '2018-09-09T03:15:08.000Z'],
    ['2021-12-31T16:16:44.9907405+05:30', '2021-12-31T10:46:44.990Z'],
    ['2023-05-04T20:40:06', '2023-05-04T20:40:06.000Z'],
    ['yesterday', null],
    ['', null],
    ['0001-01-01T00:00:00Z', null],
    ['0001-01-01T00:00:00+05:30', null],
    ['1601-01-01T00:00:00Z', null],
    ['1899-12-30T00:00:00Z', null],
    ['1970-01-01T00:03:20Z', null],
    ['1996-04-01T00:00:00Z', '1996-04-01T00:00:00.000Z'],
    ['9999-12-31T23:59:59Z', '9999-12-31T23:59:59.000Z'],
    ['9999-12-31T23:59:59-08:00', null],
  ])('writes the time %j as RFC 3339 UTC: %j', (sentDateTime, sentAt) => {
    expect(of({ sentDateTime }).sentAt).toBe(sentAt);
  });

  test('takes out what no store takes: NUL and halves of surrogate pairs, but not whole ones', () => {
    expect(of({ subject: 'a\0b\uD83Dc😀\uDE0A' }).subject).toBe('abc😀');
  });

  test('cuts the preview at 255 without cutting a character in two', () => {
    const preview = of({ bodyPreview: `${'x'.repeat(254)}😀` }).bodyPreview;
    expect(preview).toBe('x'.repeat(254));
    expect(of({ bodyPreview: 'y'.repeat(300) }).bodyPreview).toHaveLength(255);
  });

  test('leaves out recipients that name nobody and keeps names without an address', () => {
    const toRecipients = [
      null,
      {},
      { emailAddress: null },
      { emailAddress: { name: 'Undisclosed recipients', address: null } },
      { emailAddress: { name: null, address: 'a@example.com' } },
    ];
    expect(of({ toRecipients }).to).toEqual([
      { address: null, name: 'Undisclosed recipients' },
      { address: 'a@example.com', name: null },
    ]);
  });

  test('takes an importance it does not know for normal', () => {
    expect(of({ importance: 'urgent' }).importance).toBe('normal');
    expect(of({ importance: 'High' }).importance).toBe('high');
  });

  test('was received when it was made, where it says 0001', () => {
    const receivedDateTime = '0001-01-01T00:00:00Z';
    expect(of({ receivedDateTime, createdDateTime: '2026-06-01T00:00:00Z' }).receivedAt).toBe(
      '2026-06-01T00:00:00.000Z',
    );
  });
});

/** What each member may turn out to be. */
const ODD = [7, 0, -1, 1e16, true, 'false', '', [], [7], ['x'], {}, { emailAddress: 7 }];
const MEMBERS = MESSAGE_SELECT.split(',').filter((name) => name !== 'id');
const good = {
  subject: 'Invoice 4711',
  from: { emailAddress: { name: 'AR', address: 'ar@supplier.example' } },
  toRecipients: [{ emailAddress: { name: 'AP', address: 'ap@buyer.example' } }],
  receivedDateTime: '2026-06-01T00:00:00Z',
  hasAttachments: true,
};

describe('a member of an unexpected type or range', () => {
  test.each(MEMBERS)('costs %s alone', (name) => {
    for (const value of ODD) {
      const { [name as 'subject']: _, ...others } = { ...good, [name]: value };
      const { success, data } = GraphMessage.safeParse({ id: 'x', ...good, [name]: value });
      expect(success).toBe(true);
      expect(data).toMatchObject(others);
      expect(data?.unreadable ?? [name]).toEqual([name]);
      MessageMetadata.parse(toMetadata(data as GraphMessage));
    }
  });

  test('is noted by name, and a date that no store takes too', () => {
    const odd = { isDraft: 'false', sentDateTime: '9999-12-31T23:59:59-08:00', importance: 1 };
    expect(of({ ...good, ...odd }).unreadable?.toSorted()).toEqual([
      'importance',
      'isDraft',
      'sentDateTime',
    ]);
    expect(of(good)).not.toHaveProperty('unreadable');
  });

  test('in a list of recipients costs one of them, in an address its half', () => {
    const toRecipients = [
      7,
      { emailAddress: { name: 7, address: 'a@example.com' } },
      { emailAddress: 'b@example.com' },
      { emailAddress: { name: 'C', address: 'c@example.com' } },
    ];
    expect(of({ toRecipients })).toMatchObject({
      to: [
        { address: 'a@example.com', name: null },
        { address: 'c@example.com', name: 'C' },
      ],
      unreadable: ['toRecipients'],
    });
  });
});

test('a message is whole when nothing that was asked for is missing or odd, null or not', () => {
  const whole = Object.fromEntries(MEMBERS.map((name) => [name, null]));
  expect(isWhole(GraphMessage.parse({ id: 'x', ...whole }))).toBe(true);
  for (const name of MEMBERS) {
    const { [name]: _, ...part } = whole;
    expect(isWhole(GraphMessage.parse({ id: 'x', ...part }))).toBe(false);
    expect(isWhole(GraphMessage.parse({ id: 'x', ...whole, [name]: { emailAddress: 1 } }))).toBe(
      false,
    );
  }
});
