import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { chunkByMailbox } from './chunk-by-mailbox.ts';

const ref = fc.record({
  mailboxId: fc.constantFrom('a', 'b', 'c'),
  messageId: fc.string(),
  priority: fc.constantFrom('live' as const, 'backfill' as const, undefined),
});

describe('chunkByMailbox', () => {
  test('holds each message once, in chunks of one mailbox and one priority, in order', () => {
    fc.assert(
      fc.property(fc.array(ref, { maxLength: 90 }), (refs) => {
        const chunks = chunkByMailbox(refs, 20);
        expect(new Set(chunks.flat())).toEqual(new Set(refs));
        expect(chunks.flat()).toHaveLength(refs.length);
        for (const chunk of chunks) {
          expect(chunk.length).toBeGreaterThan(0);
          expect(chunk.length).toBeLessThanOrEqual(20);
          expect(new Set(chunk.map(({ mailboxId }) => mailboxId)).size).toBe(1);
          expect(new Set(chunk.map(({ priority = 'live' }) => priority)).size).toBe(1);
          expect(chunk).toEqual(chunk.toSorted((a, b) => refs.indexOf(a) - refs.indexOf(b)));
        }
      }),
      { numRuns: 200 },
    );
  });

  test('makes as few chunks as one mailbox and priority allow, live ones first', () => {
    const some = (mailboxId: string, count: number, priority: 'live' | 'backfill') =>
      Array.from({ length: count }, (_, n) => ({ mailboxId, messageId: `${n}`, priority }));
    const chunks = chunkByMailbox(
      [...some('a', 5, 'backfill'), ...some('a', 41, 'live'), ...some('b', 1, 'backfill')],
      20,
    );
    expect(chunks.map((chunk) => [chunk.length, chunk[0]?.mailboxId, chunk[0]?.priority])).toEqual([
      [20, 'a', 'live'],
      [20, 'a', 'live'],
      [1, 'a', 'live'],
      [5, 'a', 'backfill'],
      [1, 'b', 'backfill'],
    ]);
  });
});
