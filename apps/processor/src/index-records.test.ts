import { expect, test } from '@jest/globals';
import { messageKey } from '@ms1/contracts';
import type { IndexedMessage } from '@ms1/ledger';
import { aMessage, aMetadata } from '@ms1/testkit';

import { indexRecords } from './index-records.ts';
import { toRecord } from './to-record.ts';

test.each(['4501-01-01T00:00:00.000Z', '1970-01-01T00:00:00.000Z'])(
  'mail dated %s is found on the day it was noticed',
  async (receivedAt) => {
    const added: IndexedMessage[] = [];
    const index = indexRecords({ add: async (some) => void added.push(...some) }, (error) => {
      throw error;
    });
    const message = aMessage(1);
    await index(
      [
        toRecord(message, aMetadata({ receivedAt }), []),
        toRecord(message, aMetadata({ receivedAt: '2026-02-27T00:00:00.000Z' }), []),
      ],
      [],
    );
    expect(added.map((one) => [one.receivedAt, one.isReceived])).toEqual([
      [Date.parse(message.noticedAt), false],
      [Date.parse('2026-02-27T00:00:00.000Z'), true],
    ]);
  },
);

test('of a record the files that somebody would name, and of what was skipped or died what was read of it', async () => {
  const added: IndexedMessage[] = [];
  const index = indexRecords({ add: async (some) => void added.push(...some) }, (error) => {
    throw error;
  });
  const [kept, declined, gone, dead] = [aMessage(1), aMessage(2), aMessage(3), aMessage(4)];
  const metadata = aMetadata({ subject: 'Faktura 4711' });
  await index(
    [
      toRecord(kept, metadata, [
        { id: '1', name: 'a.pdf', kind: 'file' },
        { id: '2', name: 'logo.png', kind: 'file', isInline: true },
      ]),
    ],
    [
      { message: declined, metadata, isSkipped: true },
      { message: gone, metadata: undefined, isSkipped: true },
      { message: dead, metadata: undefined, isSkipped: false },
    ],
  );
  expect(added).toMatchObject([
    { key: messageKey(kept), subject: 'Faktura 4711', files: ['a.pdf'] },
    { key: messageKey(declined), subject: 'Faktura 4711', isSkipped: true, isReceived: true },
    { key: messageKey(gone), subject: null, isSkipped: true, isReceived: false },
    { key: messageKey(dead), subject: null, isSkipped: false, isReceived: false },
  ]);
});
