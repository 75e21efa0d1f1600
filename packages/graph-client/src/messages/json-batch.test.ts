import { describe, expect, test } from '@jest/globals';

import type { GraphApi } from '../http/graph-api.ts';
import { sendBatch } from './json-batch.ts';

/** What becomes of one item that Graph answers so. */
async function answered(item: object) {
  const api: Pick<GraphApi, 'call'> = {
    call: async () => ({ responses: [{ id: '0', ...item }] }),
  };
  const [result] = await sendBatch(api, ['/me', '/you'], 'message', () => 0);
  return result;
}

describe('an item of a $batch', () => {
  test.each([
    [{ 'Retry-After': '7' }, 7_000],
    [{ 'RETRY-AFTER': 6.542 }, 7_000],
    [{ 'retry-after': ['3', '7'] }, 7_000],
    [{ 'Retry-After': '7', 'retry-after': '2' }, 7_000],
    [{ 'Retry-After': 'soon' }, 60_000],
    [{ 'Retry-After': null }, null],
    [null, null],
  ])('with the headers %j waits %j ms', async (headers, retryAfterMs) => {
    expect(await answered({ status: 429, headers })).toMatchObject({
      ok: false,
      error: { code: 'graph_throttled', retryAfterMs },
    });
  });

  test('is judged by a status that is spelled as text, and is unanswered without one', async () => {
    expect(await answered({ status: '200', body: { a: 1 } })).toEqual({ ok: true, body: { a: 1 } });
    for (const status of [undefined, null, '', 'OK', 0]) {
      expect(await answered({ status })).toMatchObject({ error: { code: 'graph_protocol' } });
    }
  });
});
