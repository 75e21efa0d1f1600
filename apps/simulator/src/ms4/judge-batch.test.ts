import { describe, expect, test } from '@jest/globals';
import { aRecord } from '@ms1/testkit';
import * as fc from 'fast-check';

import { ms4Schema } from '../../test/ms4-contract.ts';
import { judgeBatch } from './judge-batch.ts';

const nothingStored = () => false;

describe('judgeBatch', () => {
  test('stores what is new and recognises what was stored or came earlier in the batch', () => {
    const items = [aRecord(1), aRecord(2), aRecord(1)];
    const { verdicts, fresh } = judgeBatch(items, (id) => id === aRecord(2).id);
    expect(verdicts.map(([, verdict]) => verdict)).toEqual(['stored', 'duplicate', 'duplicate']);
    expect(fresh).toEqual([items[0]]);
  });

  test('rejects one record for itself and names the field', () => {
    const bad = { ...aRecord(2), receivedAt: 'yesterday' };
    const { verdicts, unnamed } = judgeBatch([aRecord(1), bad], nothingStored);
    expect(verdicts[1]).toEqual([bad['id'], 'rejected', 'invalid_receivedAt']);
    expect(unnamed).toEqual([]);
  });

  test('points at items that have no id to answer about', () => {
    const { unnamed } = judgeBatch([aRecord(1), null, { subject: 'x' }], nothingStored);
    expect(unnamed.map(({ pointer }) => pointer)).toEqual(['/items/1/id', '/items/2/id']);
  });

  test('accepts exactly what a validator of the OpenAPI file accepts', () => {
    const validate = ms4Schema('MessageRecord');
    const added = ['kind', 'authentication', 'flags', 'sameAs', 'unreadable', 'truncated', 'extra'];
    const field = fc.constantFrom(...Object.keys(aRecord(1)), ...added);
    const odd = fc.constantFrom<unknown>(
      undefined,
      null,
      '',
      'x',
      0,
      1,
      2,
      -1,
      1.5,
      true,
      [],
      {},
      [null],
      [{}],
      'low',
      'webhook',
      'bounce',
      '2026-01-31T12:00:00+01:00',
      '2026-01-31',
      '2026-02-30T12:00:00Z',
      'x'.repeat(129),
      '😀'.repeat(128),
      '😀'.repeat(200),
      '😀'.repeat(256),
      'é'.repeat(255),
      { address: null },
      { address: 1 },
      { name: 'n' },
      [{ address: 'a', name: null }],
      [{ id: 'a', name: null, kind: 'file' }],
      [{ id: 'a', name: null, kind: 'link' }],
      [{ id: 'a', kind: 'file' }],
      [{ id: 'a', name: 'n', kind: 'item', size: -1 }],
      [{ id: 'a', name: 'n', kind: 'item', sha256: 'A' }],
      [{ id: 'a', name: 'n', kind: 'reference', isInline: 'no', contentType: null }],
      [{ id: 'a', name: 'n', kind: 'file', container: { format: 'eml', inside: 'message' } }],
      [{ id: 'a', name: 'n', kind: 'file', container: { format: 'eml' } }],
      [{ id: 'a', name: 'n', kind: 'file', flags: [] }],
      ['first_mail'],
      ['first_mail', 'first_mail'],
      ['subject', 'to'],
      { spf: 'pass', domain: null },
      { spf: 'p'.repeat(33) },
      { verdict: 'perhaps' },
      { reason: '1' },
      { key: 'k'.repeat(22), mailbox: 'm' },
      { key: 'k', mailbox: 'm' },
    );
    fc.assert(
      fc.property(
        fc.constantFrom(1, 2),
        fc.array(fc.tuple(field, odd), { minLength: 1, maxLength: 2 }),
        (schemaVersion, changes) => {
          const whole = { ...aRecord(1), schemaVersion, ...Object.fromEntries(changes) };
          // Through JSON: a member that is undefined is a member that is missing.
          const item: unknown = JSON.parse(JSON.stringify(whole));
          const { fresh } = judgeBatch([item], nothingStored);
          expect([changes, fresh.length === 1]).toEqual([changes, validate(item)]);
        },
      ),
      { numRuns: 3_000 },
    );
  });
});
