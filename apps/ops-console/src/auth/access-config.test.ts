import { describe, expect, test } from '@jest/globals';

import { type AccessConfig, accessOf, accessProblems } from './access-config.ts';

const PASSWORD = { OPS_CONSOLE_PASSWORD: 'correct horse' };
const TOKEN = { OPS_CONSOLE_TOKEN: 'token-of-sixteen-or-more' };
const OIDC = {
  OPS_CONSOLE_OIDC_ISSUER: 'https://login.example/tenant/v2.0',
  OPS_CONSOLE_OIDC_CLIENT_ID: 'client',
};
const LOGIN = {
  ...OIDC,
  OPS_CONSOLE_OIDC_CLIENT_SECRET: 's3cret',
  OPS_CONSOLE_PUBLIC_URL: 'https://console.example',
};

const namesOf = (config: Partial<AccessConfig>): string[] =>
  accessProblems(config).map(([name]) => name);

describe('who may come in', () => {
  test.each([
    ['a password and a token', { ...PASSWORD, ...TOKEN }],
    ['a password and tokens by digest', { ...PASSWORD, OPS_CONSOLE_TOKENS: [] }],
    ['a password, and the provider for programs', { ...PASSWORD, ...OIDC }],
    ['the provider alone', LOGIN],
  ])('%s will do', (_name, config) => {
    expect(accessProblems(config)).toEqual([]);
  });

  test.each([
    ['nothing', {}, ['OPS_CONSOLE_PASSWORD', 'OPS_CONSOLE_TOKEN']],
    [
      'an issuer without a client',
      { ...PASSWORD, OPS_CONSOLE_OIDC_ISSUER: 'https://x.example' },
      ['OPS_CONSOLE_OIDC_CLIENT_ID'],
    ],
    [
      'an issuer by plain http',
      { ...PASSWORD, ...OIDC, OPS_CONSOLE_OIDC_ISSUER: 'http://x.example' },
      ['OPS_CONSOLE_OIDC_ISSUER'],
    ],
    [
      'a login without an address to come back to',
      { ...LOGIN, OPS_CONSOLE_PUBLIC_URL: undefined },
      ['OPS_CONSOLE_PUBLIC_URL'],
    ],
    [
      'a secret without an issuer',
      { ...TOKEN, ...LOGIN, OPS_CONSOLE_OIDC_ISSUER: undefined },
      ['OPS_CONSOLE_OIDC_ISSUER'],
    ],
  ])('%s will not, and says which variable', (_name, config, names) => {
    expect(namesOf(config as Partial<AccessConfig>)).toEqual(names);
  });

  test('the provider alone is enough to come in by', () => {
    const config = {
      OPS_CONSOLE_PASSWORD_ROLE: 'reader',
      OPS_CONSOLE_PII_ROLE: 'none',
      OPS_CONSOLE_TRUSTED_PROXIES: 0,
      ...LOGIN,
    } as const;
    expect(accessOf(config)).toMatchObject({
      tokens: [],
      publicUrl: 'https://console.example',
      oidc: { audience: 'client' },
    });
  });
});
