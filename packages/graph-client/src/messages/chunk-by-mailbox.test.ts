import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { chunkByMailbox } from './chunk-by-mailbox.ts';

const mailboxesOf = (chunk: readonly number[], ids: readonly string[]) =>
  new Set(chunk.map((index) => ids[index]));

describe('chunkByMailbox', () => {
  test('leaves nothing out, doubles nothing, and never exceeds the size', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e')),
        fc.integer({ min: 1, max: 20 }),
        (ids, size) => {
          const chunks = chunkByMailbox(ids, size);
          expect(chunks.flat().toSorted((a, b) => a - b)).toEqual(ids.map((_, index) => index));
          for (const chunk of chunks) expect(chunk.length).toBeLessThanOrEqual(size);
        },
      ),
    );
  });

  test('mixes mailboxes only in what is left over of full chunks', () => {
    const ids = Array.from({ length: 100 }, (_, index) => `mailbox-${index % 4}`);
    const chunks = chunkByMailbox(ids, 20);
    expect(chunks).toHaveLength(5);
    expect(chunks.filter((chunk) => mailboxesOf(chunk, ids).size === 1)).toHaveLength(4);
  });

  test('puts single messages of many mailboxes into one request', () => {
    const ids = Array.from({ length: 20 }, (_, index) => `mailbox-${index}`);
    expect(chunkByMailbox(ids, 20)).toHaveLength(1);
  });
});
