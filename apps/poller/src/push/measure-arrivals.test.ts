import { expect, test } from '@jest/globals';
import { aLedgerEntry, aMessage } from '@ms1/testkit';

import { measureArrivals } from './measure-arrivals.ts';

const BEFORE = Date.parse('2026-06-01T00:00:00Z');

test('counts what push told of first and how late, what the walk found first, and nothing twice', () => {
  const ids = ['announced', 'found', 'scanned', 'repeated'];
  const job = (messageId: string) => aMessage(1, { messageId });
  const times = new Map(ids.map((id) => [id, '2026-06-01T00:00:10Z']));
  times.set('repeated', '2026-05-31T23:59:59Z');
  const before = [
    aLedgerEntry({ source: 'webhook', queuedAt: BEFORE + 14_000 }),
    null,
    aLedgerEntry({ source: 'backfill', queuedAt: BEFORE }),
    null,
  ];
  const arrivals = measureArrivals(ids.map(job), before, times, BEFORE);
  expect(arrivals).toEqual({ announced: 1, unannounced: 1, lateMs: 4_000 });
});
