import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';

import { simulatedEnvironment } from './app-environment.ts';
import { consoleAccess } from './console-access.ts';

const folder = mkdtempSync(join(tmpdir(), 'ms1-access-'));
const file = join(folder, 'token');
writeFileSync(file, 'of-the-file\n');
afterAll(() => rmSync(folder, { recursive: true }));

const SECRETS = {
  consolePassword: 'made-up-password',
  consoleToken: 'made-up-token',
  simulatorToken: 's',
  redisPassword: 'r',
  lookupKey: 'k',
};
const ADDRESSES = {
  redisUrl: 'redis://127.0.0.1:1',
  consoleHost: '127.0.0.1',
  consolePort: 1,
  ingestPort: 2,
};
const TENANT = { baseUrl: 'http://127.0.0.1:3', tenantId: 't', mailboxes: [] };

describe('consoleAccess', () => {
  test.each([
    [{}, 'made-up-token'],
    [{ OPS_CONSOLE_TOKEN: '' }, 'made-up-token'],
    [{ OPS_CONSOLE_TOKEN: 'mine' }, 'mine'],
    [{ OPS_CONSOLE_TOKEN_FILE: file }, 'of-the-file'],
  ])('with %j uses the token that the console will take', (env, token) => {
    expect(consoleAccess(env, SECRETS).token).toBe(token);
    const given = simulatedEnvironment(env, SECRETS, ADDRESSES, TENANT);
    const taken =
      given['OPS_CONSOLE_TOKEN_FILE'] === file ? 'of-the-file' : given['OPS_CONSOLE_TOKEN'];
    expect(taken).toBe(token);
  });

  test.each(['OPS_CONSOLE_PASSWORD', 'OPS_CONSOLE_PASSWORD_FILE'])(
    'has no password to show where %s is set',
    (name) => {
      expect(consoleAccess({}, SECRETS).password).toBe('made-up-password');
      expect(consoleAccess({ [name]: 'mine' }, SECRETS).password).toBeUndefined();
    },
  );
});
