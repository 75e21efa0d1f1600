import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import { JsonList } from './json-list.ts';

describe('JsonList', () => {
  test('is sent as the very bytes of the object that it stands for', () => {
    const envelope = fc.dictionary(fc.constantFrom('@odata.context', 'link'), fc.string());
    fc.assert(
      fc.property(envelope, fc.array(fc.jsonValue()), (named, items) => {
        const list = new JsonList(
          named,
          items.map((item) => Buffer.from(JSON.stringify(item))),
        );
        const whole = JSON.stringify({ ...named, value: items });
        expect(list.encode().toString()).toBe(whole);
        // Within another answer, a $batch.
        expect(JSON.stringify({ body: list })).toBe(`{"body":${whole}}`);
      }),
    );
  });
});
