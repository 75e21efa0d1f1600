import { describe, expect, test } from '@jest/globals';
import { aRecord } from '@ms1/testkit';
import * as fc from 'fast-check';

import { encodeBatch, encodeItem } from './encode-batch.ts';
import { readAnswer } from './read-answer.ts';

const IDS = ['a', 'b', 'c'].map((letter) => letter.repeat(22));
const [A = '', B = '', C = ''] = IDS;
const batch = encodeBatch(IDS.map((id) => encodeItem(aRecord(1, { id }))));
const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };

function read(status: number, body: unknown, headers: Record<string, string> = JSON_TYPE) {
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  return readAnswer(batch, { status, headers, body: bytes }, 0);
}

const results = (...pairs: [string, string][]) => ({
  batchId: batch.batchId,
  results: pairs.map(([id, status]) => ({ id, status })),
});

describe('verdicts', () => {
  test('every record gets its own, whatever the order of the answer', () => {
    const verdicts = read(207, {
      batchId: batch.batchId,
      results: [
        { id: C, status: 'rejected', error: { code: 'bad_subject', message: 'secret words' } },
        { id: A, status: 'stored' },
        { id: B, status: 'duplicate' },
      ],
    });
    expect([...verdicts]).toEqual([
      [A, { status: 'stored' }],
      [B, { status: 'duplicate' }],
      [C, { status: 'rejected', code: 'bad_subject' }],
    ]);
  });

  test.each(['subject "Invoice 17" of Ana', `x${'y'.repeat(64)}`, '', 17])(
    'what is called a code and is none is not kept: %j',
    (code) => {
      const rejected = { id: A, status: 'rejected', error: { code } };
      const verdicts = read(207, { batchId: batch.batchId, results: [rejected] });
      expect(verdicts.get(A)).toEqual({ status: 'rejected' });
      const errors = [{ pointer: '/items/0/subject', code }];
      expect(() => read(422, { errors })).toThrow(
        expect.objectContaining({ items: [{ id: A, code: 'invalid_subject' }] }),
      );
    },
  );

  test('202 accepts all of them', () => {
    expect([...read(202, '', {}).values()].map(({ status }) => status)).toEqual(
      IDS.map(() => 'accepted'),
    );
  });

  test('a missing one is to be retried, an unknown one is nobody’s', () => {
    const verdicts = read(200, results([A, 'stored'], ['x'.repeat(22), 'stored'], [C, 'stored']));
    expect(verdicts.get(B)).toEqual({ status: 'retry', code: 'missing_verdict' });
    expect([...verdicts.keys()]).toEqual(IDS);
  });

  test('said twice it stands, where both say the same; contradictory ones are to be retried', () => {
    const verdicts = read(
      207,
      results([A, 'stored'], [A, 'duplicate'], [B, 'rejected'], [B, 'stored'], [C, 'stored']),
    );
    expect(verdicts.get(A)).toEqual({ status: 'stored' });
    expect(verdicts.get(B)).toEqual({ status: 'retry', code: 'contradictory_verdicts' });
    const thrice = read(200, results([A, 'stored'], [A, 'rejected'], [A, 'stored'], [A, 'stored']));
    expect(thrice.get(A)?.status).toBe('retry');
  });

  test.each([null, '', 'none', {}, [], { code: null }, { code: 7, message: null }])(
    'the status decides, whatever stands beside it: %j',
    (error) => {
      const said = { id: A, status: 'stored', error, more: null };
      const verdicts = read(200, { batchId: batch.batchId, results: [said], next: null });
      expect(verdicts.get(A)).toEqual({ status: 'stored' });
    },
  );

  test.each([
    'text/json',
    'text/json; charset=utf-8',
    'Application/JSON',
    'application/vnd.ms4.v1+json',
    'application/x-json',
    'application/json, application/json',
  ])('JSON as %s is JSON', (type) => {
    const body = results([A, 'stored'], [B, 'stored'], [C, 'stored']);
    expect(read(200, body, { 'content-type': type }).get(A)).toEqual({ status: 'stored' });
  });

  test('a malformed one costs its neighbours nothing', () => {
    const verdicts = read(207, results([A, 'perhaps'], [B, 'stored'], [C, 'stored']));
    expect(verdicts.get(A)?.status).toBe('retry');
    expect(verdicts.get(B)?.status).toBe('stored');
  });

  test('property: exactly the batch’s ids, and stored only where all that is said of it says so', () => {
    const entry = fc.oneof(
      fc.record({
        id: fc.constantFrom(...IDS, 'unknown'),
        status: fc.constantFrom('stored', 'duplicate', 'rejected', 'retry', 'STORED', ''),
      }),
      fc.anything(),
    );
    fc.assert(
      fc.property(fc.array(entry), (list) => {
        const body = JSON.parse(
          JSON.stringify({ batchId: batch.batchId, results: list }),
        ) as object;
        const verdicts = read(207, body);
        expect([...verdicts.keys()]).toEqual(IDS);
        for (const [id, { status }] of verdicts) {
          const about = (body as { results: { id?: string; status?: string }[] }).results.filter(
            (said) => said?.id === id,
          );
          const isStored = (said?: string) => said === 'stored' || said === 'duplicate';
          const allSay = about.length > 0 && about.every((said) => isStored(said.status));
          expect(isStored(status)).toBe(allSay);
        }
      }),
    );
  });
});

describe('what is never success', () => {
  const good = results([A, 'stored'], [B, 'stored'], [C, 'stored']);
  test.each<[string, number, unknown, Record<string, string>?]>([
    ['HTML', 200, '<html>signed in</html>', { 'content-type': 'text/html' }],
    ['JSON under another type', 200, good, { 'content-type': 'text/plain' }],
    ['JSON without a type', 200, good, {}],
    ['cut JSON', 200, JSON.stringify(good).slice(0, -9)],
    ['nothing', 200, ''],
    ['null', 207, null],
    ['a list', 200, []],
    ['another batch', 200, { ...good, batchId: 'b-other' }],
    ['a problem', 200, { title: 'no', status: 422 }],
    ['results that are no list', 200, { ...good, results: {} }],
    ['202 with a page', 202, '<html/>', { 'content-type': 'text/html' }],
    ['202 for another batch', 202, { batchId: 'b-other' }],
    ['201', 201, good],
    ['204', 204, ''],
    ['a redirect', 307, '', { location: 'https://elsewhere.invalid/' }],
    ['404', 404, { title: 'no such path', status: 404 }],
  ])('%s', (_name, status, body, headers = JSON_TYPE) => {
    expect(() => read(status, body, headers)).toThrow(
      expect.objectContaining({ code: 'ms4_protocol' }),
    );
  });
});

const problem = (pointers: { pointer: string; code?: string }[]) => ({
  title: 'refused',
  status: 422,
  errors: pointers,
});

describe('refusals', () => {
  const TYPE = { 'content-type': 'application/problem+json' };

  test('name the items that the pointers point at, each once', () => {
    const body = problem([
      { pointer: '/items/2/subject', code: 'too_long' },
      { pointer: '/items/2/to/0' },
      { pointer: '/items/0/receivedAt' },
    ]);
    expect(() => read(422, body, TYPE)).toThrow(
      expect.objectContaining({
        status: 422,
        items: [
          { id: C, code: 'too_long' },
          { id: A, code: 'invalid_receivedAt' },
        ],
      }),
    );
  });

  test('read the pointers of RFC 9457 too, and nothing of what is null', () => {
    const errors = [
      { pointer: '#/items/1/subject', code: null, detail: null },
      null,
      { pointer: 3 },
    ];
    const body = { title: null, type: null, status: 422, errors };
    expect(() => read(422, body, TYPE)).toThrow(
      expect.objectContaining({ items: [{ id: B, code: 'invalid_subject' }] }),
    );
  });

  test.each([['/items/3'], ['/items/-1'], ['/items/01'], ['/batchId'], [''], ['/items/x']])(
    'a pointer that points at no item of the batch names none: %p',
    (pointer) => {
      expect(() => read(400, problem([{ pointer }]), TYPE)).toThrow(
        expect.objectContaining({ items: [] }),
      );
    },
  );

  test('an unreadable refusal is still a refusal', () => {
    expect(() => read(422, '<html>', { 'content-type': 'text/html' })).toThrow(
      expect.objectContaining({ code: 'ms4_refused', items: [] }),
    );
  });

  test.each<[number, Record<string, string>, object]>([
    [409, {}, { code: 'ms4_key_conflict' }],
    [401, {}, { code: 'ms4_auth' }],
    [403, {}, { code: 'ms4_auth' }],
    [413, {}, { code: 'ms4_too_large' }],
    [429, { 'retry-after': '7' }, { code: 'ms4_throttled', retryAfterMs: 7_000 }],
    [429, {}, { code: 'ms4_throttled', retryAfterMs: 5_000 }],
    [503, { 'retry-after': '86400' }, { code: 'ms4_throttled', retryAfterMs: 300_000 }],
    [429, { 'retry-after': '12.5' }, { code: 'ms4_throttled', retryAfterMs: 13_000 }],
    [429, { 'retry-after': 'in a while' }, { code: 'ms4_throttled', retryAfterMs: 60_000 }],
    [503, { 'retry-after': 'soon' }, { code: 'ms4_throttled', retryAfterMs: 60_000 }],
    [503, {}, { code: 'ms4_unavailable' }],
    [500, {}, { code: 'ms4_unavailable', status: 500 }],
  ])('%p %p', (status, headers, error) => {
    expect(() => read(status, '', headers)).toThrow(expect.objectContaining(error));
  });
});
