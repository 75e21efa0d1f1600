import { describe, expect, test } from '@jest/globals';

import { SessionCookie } from './session-cookie.ts';

const HOUR_MS = 3_600_000;

function setup() {
  const clock = { at: 1_000, now: () => clock.at };
  const cookie = new SessionCookie('password', clock);
  const login = { by: 'password', subject: 'login-1', role: 'reader' } as const;
  const issued = cookie.issue(login, false).split(';')[0] ?? '';
  return { clock, cookie, issued, caller: { ...login, cookie: true } };
}

describe('SessionCookie', () => {
  test('holds for eight hours, among other cookies too', () => {
    const { clock, cookie, issued, caller } = setup();
    clock.at += 8 * HOUR_MS - 1;
    expect(cookie.verify(`theme=dark; ${issued}; x=`)).toEqual(caller);
    clock.at += 1;
    expect(cookie.verify(issued)).toBeNull();
  });

  test.each([
    ['a later end', { expires: 1e15 }],
    ['a higher role', { role: 'admin' }],
    ['another subject', { subject: 'login-2' }],
  ])('%s than was signed does not hold', (_name, change) => {
    const { cookie, issued } = setup();
    const [text = '', signature = ''] = issued.slice('ms1_console='.length).split('.');
    const login = JSON.parse(Buffer.from(text, 'base64url').toString()) as object;
    const forged = Buffer.from(JSON.stringify({ ...login, ...change })).toString('base64url');
    expect(cookie.verify(`ms1_console=${forged}.${signature}`)).toBeNull();
  });

  test('a new password ends every login, and another process with the same one knows it', () => {
    const { clock, issued, caller } = setup();
    expect(new SessionCookie('password', clock).verify(issued)).toEqual(caller);
    expect(new SessionCookie('new password', clock).verify(issued)).toBeNull();
  });

  test.each([
    undefined,
    '',
    'ms1_console',
    'ms1_console=',
    'ms1_console=.',
    'ms1_console=9e99.',
    'other=1',
  ])('%j is no login', (header) => {
    expect(setup().cookie.verify(header)).toBeNull();
  });
});
