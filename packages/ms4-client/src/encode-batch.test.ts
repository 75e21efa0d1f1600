import { describe, expect, test } from '@jest/globals';
import { Ms4Batch } from '@ms1/contracts';
import { aRecord } from '@ms1/testkit';
import * as fc from 'fast-check';
import { BATCH_ENVELOPE_BYTES, encodeBatch, encodeItem } from './encode-batch.ts';

describe('encodeBatch', () => {
  test('is the JSON of the contract, whatever the records hold', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string({ minLength: 16, maxLength: 30 }), { minLength: 1, maxLength: 8 }),
        fc.string({ unit: 'binary' }),
        (ids, subject) => {
          const records = ids.map((id) => aRecord(1, { id, subject }));
          const { batchId, body } = encodeBatch(records.map((record) => encodeItem(record)));
          expect(Ms4Batch.parse(JSON.parse(body.toString('utf8')))).toEqual({
            batchId,
            items: records,
          });
        },
      ),
    );
  });

  test('costs exactly the announced bytes around its items', () => {
    const items = ['a', 'b', 'c'].map((id) => encodeItem(aRecord(1, { id: id.repeat(22) })));
    const bytes = items.reduce((sum, { json }) => sum + json.length, 0);
    expect(encodeBatch(items).body).toHaveLength(BATCH_ENVELOPE_BYTES + bytes + items.length - 1);
  });

  test('gives the same items in the same order the same id, and anything else another', () => {
    const [a, b] = ['a', 'b'].map((id) => encodeItem(aRecord(1, { id: id.repeat(22) })));
    const changed = encodeItem(aRecord(1, { id: 'a'.repeat(22), subject: 'other' }));
    if (!a || !b) throw new Error('two items');
    expect(encodeBatch([a, b]).batchId).toBe(encodeBatch([a, b]).batchId);
    const ids = [[a, b], [b, a], [a], [b], [changed, b]].map((items) => encodeBatch(items).batchId);
    expect(new Set(ids).size).toBe(5);
  });

  test('asks again under another key after a retry verdict, and with the same bytes', () => {
    const [first, again] = [0, 1].map((retries) => encodeBatch([encodeItem(aRecord(1), retries)]));
    expect(again?.batchId).not.toBe(first?.batchId);
    expect(again?.items[0]?.json).toEqual(first?.items[0]?.json);
  });

  test('refuses what could not be answered for: no items, or two with one id', () => {
    const item = encodeItem(aRecord(1));
    expect(() => encodeBatch([])).toThrow(RangeError);
    expect(() => encodeBatch([item, item])).toThrow(RangeError);
  });
});
