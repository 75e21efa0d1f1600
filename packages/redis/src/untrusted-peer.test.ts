import { describe, expect, test } from '@jest/globals';
import { loadConfig, trustConfig } from '@ms1/runtime';
import type { Redis } from 'ioredis';
import { z } from 'zod';

import { refuseUntrusted } from './untrusted-peer.ts';

const { TRUSTED_NETWORK: trusted } = loadConfig(z.object(trustConfig), {
  TRUSTED_NETWORK: '10.0.0.0/8, fd00::/8',
});
const open = { tls: false, password: undefined };
const at = (remoteAddress: string | undefined): Redis[] => [
  { stream: { remoteAddress } } as unknown as Redis,
];

describe('a Redis without TLS and without a password', () => {
  test.each(['127.0.0.1', '::1', '::ffff:127.0.0.1'])('is used at %s', (address) => {
    expect(() => refuseUntrusted(at(address), open, { isLoggedIn: false })).not.toThrow();
  });

  test.each(['10.1.2.3', '::ffff:10.1.2.3', 'fd00::1'])('is used at %s if ours', (address) => {
    expect(() => refuseUntrusted(at(address), open, { isLoggedIn: false, trusted })).not.toThrow();
    expect(() => refuseUntrusted(at(address), open, { isLoggedIn: false })).toThrow(
      /^Redis at .* has neither TLS nor a password: .*TRUSTED_NETWORK/,
    );
  });

  test.each(['11.0.0.1', '192.168.0.1', undefined])(
    'is refused at %s whatever is ours',
    (address) => {
      expect(() => refuseUntrusted(at(address), open, { isLoggedIn: false, trusted })).toThrow();
    },
  );

  test('of several nodes, each counts', () => {
    const nodes = [...at('10.0.0.1'), ...at('11.0.0.1')];
    expect(() => refuseUntrusted(nodes, open, { isLoggedIn: false, trusted })).toThrow('11.0.0.1');
  });

  test('any protection is enough anywhere', () => {
    const far = at('11.0.0.1');
    expect(() => refuseUntrusted(far, { ...open, tls: true }, { isLoggedIn: false })).not.toThrow();
    const withPassword = { ...open, password: 'p' };
    expect(() => refuseUntrusted(far, withPassword, { isLoggedIn: false })).not.toThrow();
    expect(() => refuseUntrusted(far, open, { isLoggedIn: true })).not.toThrow();
  });
});
