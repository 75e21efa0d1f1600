import { describe, expect, test } from '@jest/globals';

import { requireSecureOrigin } from './require-secure-origin.ts';

describe('requireSecureOrigin', () => {
  test.each([
    'https://ms4.example/api',
    'http://localhost:4300',
    'http://127.0.0.1:4300',
    'http://127.9.9.9',
    'http://[::1]:1',
  ])('lets %s through', (value) => {
    expect(requireSecureOrigin(value, 'MS4_BASE_URL').href).toContain(new URL(value).host);
  });

  test.each([
    'http://ms4.example',
    'http://10.0.0.1',
    'http://127.0.0.1.evil.example',
    'http://localhost.evil.example',
    'ftp://localhost',
    'https://user:secret@ms4.example',
    'nonsense',
  ])('refuses %s, naming the variable and never the value', (value) => {
    const refuse = () => requireSecureOrigin(value, 'MS4_BASE_URL');
    expect(refuse).toThrow(/^MS4_BASE_URL /);
    expect(refuse).not.toThrow(/secret|evil/);
  });
});
