import { describe, expect, test } from '@jest/globals';
import type { Request } from 'express';

import { Cookie } from './cookie.ts';

const request = (secure: boolean, cookie?: string): Request =>
  ({ secure, headers: { cookie } }) as never;

function setup(publicUrl?: string) {
  return new Cookie({ name: 'ms1_console', sameSite: 'Strict', publicUrl });
}

describe('Cookie', () => {
  test.each([
    ['https://console.example', false],
    ['https://console.example', true],
    ['HTTPS://console.example', false],
    [undefined, true],
  ])(
    'with %j and a request that is secure: %j, it is for https and this host alone',
    (url, secure) => {
      const header = setup(url).set(request(secure), 'x', 60);
      expect(header).toBe(
        '__Host-ms1_console=x; Path=/; Max-Age=60; HttpOnly; SameSite=Strict; Secure',
      );
      const sent =
        '__Host-ms1_console=a; ms1_console=b;__Host-ms1_console=c; __Host-ms1_consoles=d';
      expect(setup(url).read(request(secure, sent))).toEqual(['a', 'c']);
      expect(setup(url).read(request(secure, 'ms1_console=b'))).toEqual([]);
    },
  );

  test.each([
    ['http://console.example', true],
    [undefined, false],
  ])('with %j and a request that is secure: %j, it is plain', (url, secure) => {
    const header = setup(url).clear(request(secure));
    expect(header).toBe('ms1_console=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict');
  });

  test('so many are looked at, however many there are', () => {
    const many = Array.from({ length: 1_000 }, (_, n) => `ms1_console=${n}`).join('; ');
    expect(setup().read(request(false, many))).toEqual(['0', '1', '2']);
  });

  test.each([undefined, '', 'ms1_console', 'ms1_console=', 'xms1_console=1', ';;=;'])(
    '%j carries none',
    (header) => {
      expect(setup().read(request(false, header))).toEqual([]);
    },
  );
});
