import { describe, expect, test } from '@jest/globals';

import { MAILBOXES, consoleBundle as setup, TOKENS } from './console-bundle.ts';

const KEY = { 'idempotency-key': '5c0f4a3e-1' };

describe('Idempotency-Key', () => {
  test('the same request again gets the first answer, and nothing happens twice', async () => {
    await using bundle = await setup();
    const request = { mailboxes: [MAILBOXES[0]], repair: true };
    const first = await bundle.api('POST', '/audits', request, KEY);
    const again = await bundle.api(
      'POST',
      '/audits',
      { repair: true, mailboxes: [MAILBOXES[0]] },
      KEY,
    );
    expect([first.status, again.status]).toEqual([202, 202]);
    expect(again.body).toEqual(first.body);
    expect(again.headers.get('location')).toBe(first.headers.get('location'));
    expect(await bundle.auditStore.list()).toHaveLength(1);
    // Control: without the key the same request is another audit.
    await bundle.api('POST', '/audits', request);
    expect(await bundle.auditStore.list()).toHaveLength(2);
  });

  test('another request under the same key is refused, and so is one while the first is worked on', async () => {
    await using bundle = await setup();
    await bundle.api('POST', '/audits', {}, KEY);
    const other = await bundle.api('POST', '/audits', { repair: true }, KEY);
    expect([other.status, other.body['type']]).toEqual([422, 'idempotency_key_reused']);
    const replies = await Promise.all(
      Array.from({ length: 8 }, () =>
        bundle.api('POST', '/audits', {}, { 'idempotency-key': 'at-once' }),
      ),
    );
    const statuses = new Set(replies.map(({ status }) => status));
    expect([...statuses].filter((status) => status !== 202 && status !== 409)).toEqual([]);
    expect(await bundle.auditStore.list()).toHaveLength(2);
  });

  test('a refusal is an answer too; a fault of ours is none, and may be tried again', async () => {
    await using bundle = await setup();
    const refused = async () =>
      (await bundle.api('POST', '/sessions', { name: 'a', mailboxes: ['x'] }, KEY)).status;
    expect([await refused(), await refused()]).toEqual([400, 400]);
    const created = async () =>
      (await bundle.api('POST', '/sessions', { name: 'a' }, { 'idempotency-key': 'later' })).status;
    await bundle.redis.set('{ms1}:session:index', 'not a sorted set');
    expect(await created()).toBe(500);
    await bundle.redis.del('{ms1}:session:index');
    expect([await created(), await created()]).toEqual([201, 201]);
  });

  test('a key belongs to whoever sent it, is kept a day, and Redis never sees it', async () => {
    await using bundle = await setup();
    const key = { 'idempotency-key': 'canary-key' };
    const first = await bundle.api('POST', '/audits', {}, key);
    const authorization = `Bearer ${TOKENS.operator}`;
    const other = await bundle.api('POST', '/audits', {}, { ...key, authorization });
    expect(other.body['id']).not.toBe(first.body['id']);
    const keys = await bundle.redis.keys('{ms1}:operator:request:*');
    expect(keys).toHaveLength(2);
    expect(keys.join()).not.toContain('canary');
    const left = await bundle.redis.pttl(keys[0] ?? '');
    expect(left).toBeGreaterThan(86_000_000);
    expect(left).toBeLessThanOrEqual(86_400_000);
  });

  test.each(['', ' ', 'x'.repeat(129), 'with space'])('refuses the key %j', async (given) => {
    await using bundle = await setup();
    const { status } = await bundle.api('POST', '/audits', {}, { 'idempotency-key': given });
    expect(status).toBe(400);
    expect(await bundle.auditStore.list()).toEqual([]);
  });
});

describe('pages', () => {
  test('a list walked by its Link headers has every entry once, whatever is added meanwhile', async () => {
    await using bundle = await setup();
    for (let n = 0; n < 5; n += 1) {
      // Two in one millisecond: the cursor tells them apart.
      bundle.clock.at += n % 2;
      await bundle.api('POST', '/audits');
    }
    const all = (await bundle.auditStore.list()).map(({ id }) => id);
    const walked: string[] = [];
    let path: string | undefined = '/audits?limit=2';
    while (path !== undefined) {
      const { body, headers } = await bundle.api('GET', path);
      walked.push(...(body as unknown as { id: string }[]).map(({ id }) => id));
      path = /^<\/api(.*)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1];
      bundle.clock.at += 1;
      await bundle.api('POST', '/audits');
    }
    expect(walked).toEqual(all);
    expect((await bundle.api('GET', '/audits?cursor=bogus')).status).toBe(400);
  });

  test('a cursor that no list has made is refused or leads nowhere, and is no fault of ours', async () => {
    await using bundle = await setup();
    const big = 2n ** 64n;
    const lines = [
      '0-0',
      '00-000',
      `${big}-0`,
      `1-${big}`,
      `${'9'.repeat(60)}-1`,
      '-',
      '+',
      '1e3-1',
    ];
    const numbers = [-1, -1e308, 1e308, 1.5, null, '(1', '-inf'];
    const made: unknown[] = [
      ...[...lines, '1-x\r\nFLUSHALL', '__proto__', '(x', ''].map((line) => [line]),
      ...numbers.flatMap((at) => [
        [at, '(x'],
        ['inbound', at, ''],
      ]),
      [],
      {},
      'x',
      0,
      [[]],
      [{}],
      ['nowhere', 1, 'x'],
    ];
    const cursors = [
      ...made.map((one) => Buffer.from(JSON.stringify(one)).toString('base64url')),
      ...['[1e400,"x"]', '["0-0"', '\u0000'].map((text) => Buffer.from(text).toString('base64url')),
      '%00',
      'x'.repeat(201),
    ];
    const lists = bundle.routes.filter(({ query }) => 'cursor' in query.shape);
    expect(lists.length).toBeGreaterThan(4);
    for (const { path } of lists) {
      for (const cursor of cursors) {
        const { status } = await bundle.api('GET', `${path}?cursor=${cursor}`);
        expect([path, cursor, [200, 400].includes(status)]).toEqual([path, cursor, true]);
      }
    }
    for (const line of lines) {
      const cursor = Buffer.from(JSON.stringify([line])).toString('base64url');
      const asked = await bundle.api('GET', `/actions?cursor=${cursor}`);
      const before = await bundle.api('GET', `/actions?before=${encodeURIComponent(line)}`);
      expect([line, asked.status, before.status]).toEqual([line, 400, 400]);
    }
    const last = await bundle.api('GET', `/actions?before=${big - 1n}-${big - 1n}`);
    expect([last.status, (await bundle.api('GET', '/actions?before=0-1')).status]).toEqual([
      200, 200,
    ]);
    expect(bundle.errors).toEqual([]);
  });

  test('actions and sessions too', async () => {
    await using bundle = await setup();
    for (const name of ['a', 'b', 'c']) {
      const { body } = await bundle.api('POST', '/sessions', { name });
      await bundle.api('POST', `/sessions/${String(body['id'])}/cancel`);
    }
    for (const [list, total] of [
      ['/sessions', 3],
      ['/actions', 12],
    ] as const) {
      const walked: string[] = [];
      let path: string | undefined = `${list}?limit=2`;
      while (path !== undefined) {
        const { body, headers } = await bundle.api('GET', path);
        walked.push(...(body as unknown as { id: string }[]).map(({ id }) => id));
        path = /^<\/api(.*)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1];
      }
      expect([list, new Set(walked).size, walked.length]).toEqual([list, total, total]);
    }
  });
});
