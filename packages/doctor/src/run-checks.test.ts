import { describe, expect, test } from '@jest/globals';

import { type Check, type Finding, NotCheckableError } from './check.ts';
import { redisVersion } from './checks/redis-version.ts';
import { Installation } from './installation.ts';
import { judgeDate, leastOffset, offsetByDate } from './judge-clock.ts';
import { BY_HAND, judgeExpiry } from './judge-expiry.ts';
import { runChecks } from './run-checks.ts';

const installation = new Installation({ env: {}, clock: { now: () => 0 } });
const check = (name: string, run: Check['run'], deadlineMs = 5_000): Check => ({
  name,
  about: '',
  deadlineMs,
  run,
});
const fine: Finding = { status: 'ok', seen: 'fine' };

describe('runChecks', () => {
  test('one that hangs or throws has failed, and the others are told all the same', async () => {
    const results = await runChecks(
      [
        check('hangs', () => new Promise(() => undefined), 20),
        check('throws', () => Promise.reject(new TypeError('somebody@example.com'))),
        check('cannot', () =>
          Promise.reject(new NotCheckableError('because', { remedy: 'set it' })),
        ),
        check('fine', () => Promise.resolve(fine)),
      ],
      installation,
    );
    expect(results.map(({ name, status }) => [name, status])).toEqual([
      ['hangs', 'fail'],
      ['throws', 'fail'],
      ['cannot', 'skipped'],
      ['fine', 'ok'],
    ]);
    expect(results[2]).toMatchObject({ seen: 'because', remedy: 'set it' });
    expect(JSON.stringify(results)).not.toContain('somebody');
  });

  test('tells one that is overdue to stop', async () => {
    let stopped = false;
    const hangs = check(
      'hangs',
      (_, signal) => new Promise(() => signal.addEventListener('abort', () => (stopped = true))),
      20,
    );
    await runChecks([hangs], installation);
    expect(stopped).toBe(true);
  });
});

describe('redis.version', () => {
  test.each([
    ['5.0.14', 'fail'],
    ['6.0.20', 'fail'],
    ['6.2.0', 'ok'],
    ['7.4.1', 'ok'],
    ['', 'fail'],
  ])('%s is %s', async (version, status) => {
    const redis = { redisInfo: async () => new Map([['redis_version', version]]) };
    const finding = await redisVersion.run(redis as unknown as Installation, AbortSignal.abort());
    expect(finding.status).toBe(status);
    expect(finding.remedy ?? '').toMatch(status === 'ok' ? /^$/ : /6\.2/);
  });
});

describe('the arithmetic of clocks', () => {
  test('a Date is cut to the second, so an offset is the least that fits', () => {
    // Theirs shows 10.0 to 11.0 s; ours was between 10.4 and 10.6.
    expect(leastOffset(offsetByDate(10_000, 10_400, 10_600))).toBe(0);
    // Ahead: theirs shows at least 20.0 when ours was at most 10.6.
    expect(leastOffset(offsetByDate(20_000, 10_400, 10_600))).toBe(9_400);
    // Behind: theirs shows at most 5.0 + 1.0 when ours was at least 10.4.
    expect(leastOffset(offsetByDate(5_000, 10_400, 10_600))).toBe(-4_400);
  });

  test.each([
    [4_999, 'ok'],
    [5_000, 'warn'],
    [-5_000, 'warn'],
    [300_000, 'fail'],
  ])('%i ms is %s', (offset, status) => {
    expect(judgeDate('Theirs', { min: offset, max: offset }).status).toBe(status);
  });
});

describe('expiries', () => {
  test.each([
    [31, 'ok', 'in 31 days'],
    [30, 'warn', 'in 30 days'],
    [7, 'fail', 'in 7 days'],
    [1, 'fail', 'in 1 day,'],
    [-1, 'fail', 'expired on'],
  ])('%i days before the end it is %s', (days, status, says) => {
    const now = Date.parse('2026-11-25T12:00:00Z');
    const finding = judgeExpiry('it', now + days * 86_400_000, now, BY_HAND);
    expect(finding.status).toBe(status);
    expect(finding.seen).toContain(says);
  });
});
