import { describe, expect, test } from '@jest/globals';
import { ms4TlsOf } from '@ms1/ms4-client';
import { ConfigError, loadConfig } from '@ms1/runtime';

import { Config } from './config.ts';

const GUID = '11111111-1111-4111-8111-111111111111';
const ENTRA = {
  MS4_CLIENT_SECRET: 's3cret',
  MS4_TENANT_ID: GUID,
  MS4_CLIENT_ID: GUID,
  MS4_SCOPE: 'api://ms4/.default',
};
const CERTIFICATE = { MS4_TLS_CERT: 'a certificate', MS4_TLS_KEY: 'its key' };

const load = (env: Record<string, string>) =>
  loadConfig(Config, { MS4_BASE_URL: 'https://ms4.example', ...env });

function problems(env: Record<string, string>): string {
  try {
    load(env);
    return '';
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.join('\n');
    throw error;
  }
}

describe('credentials', () => {
  test.each([
    ['a bearer token', { MS4_TOKEN: 't' }],
    ['an API key', { MS4_API_KEY: 'k' }],
    ['an Entra app', ENTRA],
    ['a certificate alone', CERTIFICATE],
    ['a certificate and a token', { ...CERTIFICATE, MS4_TOKEN: 't' }],
  ])('%s will do', (_, env) => {
    expect(problems(env)).toBe('');
  });

  test.each<[string, Record<string, string>, string]>([
    ['none', {}, 'MS4_TOKEN'],
    ['two kinds', { MS4_TOKEN: 't', MS4_API_KEY: 'k' }, 'MS4_TOKEN'],
    ['a token and an Entra app', { ...ENTRA, MS4_TOKEN: 't' }, 'MS4_TOKEN'],
    ['a certificate without its key', { MS4_TLS_CERT: 'c', MS4_TOKEN: 't' }, 'MS4_TLS_CERT'],
    ['half an Entra app', { MS4_CLIENT_SECRET: 's3cret' }, 'MS4_CLIENT_SECRET'],
    ['a scope of one permission', { ...ENTRA, MS4_SCOPE: 'api://ms4/write' }, 'MS4_SCOPE'],
    [
      'a token endpoint without TLS',
      { ...ENTRA, MS4_AUTHORITY_URL: 'http://x' },
      'MS4_AUTHORITY_URL',
    ],
    ['MS4 without TLS', { MS4_TOKEN: 't', MS4_BASE_URL: 'http://ms4.example' }, 'MS4_BASE_URL'],
    ['a limit of nothing', { MS4_TOKEN: 't', MS4_REQUESTS_PER_SECOND_MAX: '0' }, 'PER_SECOND'],
  ])('%s will not, and no secret is told', (_, env, named) => {
    expect(problems(env)).toContain(named);
    expect(problems(env)).not.toContain('s3cret');
  });

  test('TLS is given only what is configured', () => {
    expect(ms4TlsOf(load({ MS4_TOKEN: 't' }))).toEqual({});
    expect(ms4TlsOf(load(CERTIFICATE))).toEqual({ cert: 'a certificate', key: 'its key' });
  });
});
