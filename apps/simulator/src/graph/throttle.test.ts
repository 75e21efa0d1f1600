import { describe, expect, test } from '@jest/globals';

import { Throttle } from './throttle.ts';

const WINDOW_MS = 600_000;

function setup(windowRequests = 10_000) {
  const clock = { at: 0, now: () => clock.at };
  const throttle = new Throttle({ clock, windowRequests });
  const enter = (mailbox = 'a', app = 'app') => throttle.enter(app, mailbox);
  /** 'in', or the seconds to wait */
  const request = (mailbox?: string) => {
    const entered = enter(mailbox);
    if ('leave' in entered) {
      entered.leave();
      return 'in';
    }
    return Number(entered.refusal.headers?.['retry-after']);
  };
  return { clock, throttle, enter, request };
}

describe('Throttle', () => {
  test('lets four requests of an app and mailbox run at once and refuses the fifth', () => {
    const { throttle, enter } = setup();
    const running = Array.from({ length: 4 }, () => enter());
    const fifth = enter();
    expect('refusal' in fifth && fifth.refusal).toMatchObject({
      status: 429,
      headers: { 'retry-after': '1' },
      body: {
        error: {
          code: 'ApplicationThrottled',
          message: 'Application is over its MailboxConcurrency limit.',
        },
      },
    });
    expect('leave' in enter('b')).toBe(true);
    expect('leave' in enter('a', 'another app')).toBe(true);
    for (const one of running) if ('leave' in one) one.leave();
    expect('leave' in enter()).toBe(true);
    expect(throttle).toMatchObject({ throttled: 1, inFlightMax: 5, quotaUnits: 8 });
  });

  test('refuses request 10,001 of ten minutes, and says when there is room', () => {
    const { clock, request } = setup();
    for (let n = 0; n < 10_000; n += 1) {
      clock.at = n * 10;
      expect(request()).toBe('in');
    }
    // The first came at 0 and is forgotten at 600 s; now it is 99.99 s.
    expect(request()).toBe(501);
    expect(request('b')).toBe('in');
  });

  test('counts refused requests too: one that hammers never gets in', () => {
    const { clock, request } = setup(10);
    for (let n = 0; n < 10; n += 1) request();
    for (let n = 1; n <= 100; n += 1) {
      clock.at = n * 50_000;
      expect([request(), request()]).not.toContain('in');
    }
  });

  test('lets requests in again once the window has passed', () => {
    const { clock, request } = setup(10);
    for (let n = 0; n < 10; n += 1) request();
    expect(request()).toBe(600);
    clock.at = WINDOW_MS + 1;
    expect(request()).toBe('in');
  });
});
