import { expect, test } from '@jest/globals';

import { consoleBundle as setup } from './console-bundle.ts';

test('an operator has the fleet log more for a while, which ends by itself or by hand, and the log of operators says who', async () => {
  await using bundle = await setup();
  const nothing = { level: null, until: null };
  expect((await bundle.api('GET', '/log-level')).body).toEqual(nothing);
  const body = { level: 'debug', minutes: 30, reason: 'case 17' };
  const { status, body: set } = await bundle.api('POST', '/log-level', body);
  expect([status, set]).toMatchObject([200, { level: 'debug' }]);
  const leftMs = Date.parse(String(set['until'])) - bundle.clock.at;
  expect(leftMs).toBeGreaterThan(29 * 60_000);
  expect(leftMs).toBeLessThanOrEqual(30 * 60_000);
  expect(await bundle.redis.pttl('{ms1}:fleet:log-level')).toBeGreaterThan(29 * 60_000);
  const [, begun] = await bundle.operators.list();
  expect(begun).toMatchObject({
    action: 'POST /log-level',
    subject: 'admins',
    detail: { input: body },
  });

  expect((await bundle.api('DELETE', '/log-level')).body).toEqual(nothing);
  expect((await bundle.api('GET', '/log-level')).body).toEqual(nothing);
  for (const wrong of [{ level: 'silent' }, { level: 'debug', minutes: 241 }, { minutes: 5 }]) {
    expect((await bundle.api('POST', '/log-level', wrong)).status).toBe(400);
  }
});
