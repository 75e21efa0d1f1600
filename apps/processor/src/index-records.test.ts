import { expect, test } from '@jest/globals';
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
    await index([
      toRecord(message, aMetadata({ receivedAt }), []),
      toRecord(message, aMetadata({ receivedAt: '2026-02-27T00:00:00.000Z' }), []),
    ]);
    expect(added.map((one) => one.receivedAt)).toEqual([
      Date.parse(message.noticedAt),
      Date.parse('2026-02-27T00:00:00.000Z'),
    ]);
  },
);
