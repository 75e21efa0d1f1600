import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';

import { loadConfig } from './load-config.ts';
import { requireSecureOrigin } from './require-secure-origin.ts';
import { trustedUrl } from './shared-config.ts';
import { TrustedNetwork, trustConfig } from './trusted-network.ts';

const Config = z.object({ ...trustConfig, MS4_BASE_URL: trustedUrl().optional() });

describe('TrustedNetwork', () => {
  const network = new TrustedNetwork('10.1.0.0/16, fd00::/8');

  test.each(['10.1.255.255', '::ffff:10.1.0.1', 'fd00::1', '127.0.0.1', '::1'])(
    'has %s',
    (address) => {
      expect(network.has(address)).toBe(true);
    },
  );

  test.each(['10.2.0.1', '::ffff:10.2.0.1', 'fe80::1', 'name', ''])('has not %s', (address) => {
    expect(network.has(address)).toBe(false);
  });

  test('a name leads to addresses that are within, and nowhere else', async () => {
    const one = (name: string, all: boolean) =>
      new Promise((resolve, reject) => {
        network.lookup(name, { all }, (error, found) => (error ? reject(error) : resolve(found)));
      });
    // Names resolve to themselves where they are addresses: no resolver decides.
    expect(await one('10.1.2.3', false)).toBe('10.1.2.3');
    expect(await one('10.1.2.3', true)).toEqual([{ address: '10.1.2.3', family: 4 }]);
    await expect(one('10.2.0.1', false)).rejects.toThrow(/^10.2.0.1 is at an address outside/);
    await expect(one('10.2.0.1', true)).rejects.toThrow('TRUSTED_NETWORK');
  });

  test.each(['10.0.0.0', '10.0.0.0/33', 'db/8', '10.0.0.0/8/8', '10.0.0.0/8,', ''])(
    'is not %j',
    (text) => {
      expect(() => new TrustedNetwork(text)).toThrow(RangeError);
    },
  );
});

describe('TRUSTED_NETWORK', () => {
  const problems = (env: Record<string, string>): string => {
    try {
      loadConfig(Config, env);
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  };

  test.each(['http://ms4:80', 'http://10.1.0.1', 'http://[fd00::1]:1', 'https://ms4.example'])(
    'lets %s be called',
    (MS4_BASE_URL) => {
      expect(problems({ MS4_BASE_URL, TRUSTED_NETWORK: '10.1.0.0/16,fd00::/8' })).toBe('');
    },
  );

  test.each([
    ['http://10.2.0.1', '10.1.0.0/16'],
    ['http://ms4', ''],
    ['http://u:secret@10.1.0.1', '10.1.0.0/16'],
    ['ftp://10.1.0.1', '10.1.0.0/16'],
  ])('but not %s where it is %j', (MS4_BASE_URL, TRUSTED_NETWORK) => {
    expect(problems({ MS4_BASE_URL, TRUSTED_NETWORK })).toMatch(/^MS4_BASE_URL: it must /);
  });

  test('is named by what is refused', () => {
    expect(() => requireSecureOrigin('http://ms4', 'MS4_BASE_URL')).toThrow(
      'TRUSTED_NETWORK says is yours',
    );
    expect(problems({ TRUSTED_NETWORK: '10.0.0.0' })).toMatch(/^TRUSTED_NETWORK: must be networks/);
  });
});
