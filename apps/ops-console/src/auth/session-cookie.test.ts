import { describe, expect, test } from '@jest/globals';

import { SessionCookie } from './session-cookie.ts';

const HOUR_MS = 3_600_000;

function setup() {
  const clock = { at: 1_000, now: () => clock.at };
  const cookie = new SessionCookie('password', clock);
  const issued = cookie.issue(false).split(';')[0] ?? '';
  return { clock, cookie, issued };
}

describe('SessionCookie', () => {
  test('holds for eight hours, among other cookies too', () => {
    const { clock, cookie, issued } = setup();
    clock.at += 8 * HOUR_MS - 1;
    expect(cookie.verify(`theme=dark; ${issued}; x=`)).toBe(true);
    clock.at += 1;
    expect(cookie.verify(issued)).toBe(false);
  });

  test('a later end than was signed does not hold', () => {
    const { clock, cookie, issued } = setup();
    const [, signature] = issued.split('.');
    expect(cookie.verify(`ms1_console=${clock.at + 100 * HOUR_MS}.${signature}`)).toBe(false);
  });

  test('a new password ends every login, and another process with the same one knows it', () => {
    const { clock, issued } = setup();
    expect(new SessionCookie('password', clock).verify(issued)).toBe(true);
    expect(new SessionCookie('new password', clock).verify(issued)).toBe(false);
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
    expect(setup().cookie.verify(header)).toBe(false);
  });
});
