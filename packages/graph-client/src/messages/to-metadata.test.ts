import { describe, expect, test } from '@jest/globals';
import { MessageMetadata } from '@ms1/contracts';

import { GraphMessage } from './graph-message.ts';
import { toMetadata } from './to-metadata.ts';

const of = (fields: object) => toMetadata(GraphMessage.parse({ id: 'x', ...fields }));

describe('toMetadata', () => {
  test('makes valid metadata of a message of which everything but the id is null', () => {
    const nulls = Object.fromEntries(
      Object.keys(GraphMessage.shape)
        .filter((name) => name !== 'id')
        .map((name) => [name, null]),
    );
    expect(MessageMetadata.parse(of(nulls))).toMatchObject({
      subject: null,
      from: null,
      to: [],
      importance: 'normal',
      hasAttachments: false,
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
});
