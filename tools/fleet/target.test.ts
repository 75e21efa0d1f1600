import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';

import { consoleAddress } from './console-address.ts';
import { FleetError } from './fleet-error.ts';
import { readTarget } from './target.ts';

const CREDENTIALS = {
  GRAPH_TENANT_ID: 'tenant',
  GRAPH_CLIENT_ID: 'client',
  GRAPH_CLIENT_SECRET: 'not-a-real-secret',
  MAILBOXES: 'mailbox',
  MS4_BASE_URL: 'https://ms4.invalid',
  MS4_TOKEN: 'not-a-real-token',
};

const folder = mkdtempSync(join(tmpdir(), 'ms1-target-'));
const file = join(folder, '.env');
const noFile = join(folder, 'none');
afterAll(() => rmSync(folder, { recursive: true }));

describe('readTarget', () => {
  test('without credentials is the simulated run', () => {
    expect(readTarget({ PATH: '/bin' }, noFile)).toEqual({
      kind: 'simulated',
      env: { PATH: '/bin' },
    });
  });

  test('takes an empty variable for one that is not set, as in a copied .env.example', () => {
    writeFileSync(file, 'GRAPH_TENANT_ID=\nMS4_TOKEN=""\n');
    expect(readTarget({ MAILBOXES: '' }, file).kind).toBe('simulated');
  });

  test('takes an empty variable of the file for one that is not set, too', () => {
    writeFileSync(file, 'OPS_CONSOLE_TOKEN=\nLOG_LEVEL=debug\n');
    expect(readTarget({}, file).env).toEqual({ LOG_LEVEL: 'debug' });
  });

  test('reads the file that MS1_ENV_FILE names, and refuses one that it cannot read', () => {
    writeFileSync(file, 'LOG_LEVEL=debug\n');
    expect(readTarget({ MS1_ENV_FILE: file }, noFile).env).toMatchObject({ LOG_LEVEL: 'debug' });
    expect(readTarget({ MS1_ENV_FILE: '' }, file).env).toEqual({ LOG_LEVEL: 'debug' });
    for (const named of [noFile, folder]) {
      const read = () => readTarget({ MS1_ENV_FILE: named }, file);
      expect(read).toThrow(FleetError);
      expect(read).toThrow(`MS1_ENV_FILE names ${named}, which cannot be read`);
    }
  });

  test('with all credentials, from either place, is the real run; the environment wins', () => {
    writeFileSync(file, 'GRAPH_TENANT_ID=other\nMS4_TOKEN=t\nLOG_LEVEL=debug\n');
    const { MS4_TOKEN: _, ...environment } = CREDENTIALS;
    const { kind, env } = readTarget(environment, file);
    expect(kind).toBe('real');
    expect(env).toMatchObject({ GRAPH_TENANT_ID: 'tenant', MS4_TOKEN: 't', LOG_LEVEL: 'debug' });
  });

  test('accepts secrets as files and either kind of MS4 credential', () => {
    const { GRAPH_CLIENT_SECRET: _, MS4_TOKEN: __, ...rest } = CREDENTIALS;
    const files = {
      GRAPH_CLIENT_SECRET_FILE: '/run/secrets/g',
      MS4_API_KEY_FILE: '/run/secrets/m',
    };
    expect(readTarget({ ...rest, ...files }, noFile).kind).toBe('real');
  });

  test('needs no MAILBOXES, which the API may manage, but takes them for a sign that it is real', () => {
    const { MAILBOXES, ...rest } = CREDENTIALS;
    expect(readTarget(rest, noFile).kind).toBe('real');
    expect(() => readTarget({ MAILBOXES }, noFile)).toThrow(/^MAILBOXES is set, .* missing/);
  });

  test('accepts every credential of Graph, and is not misled by what a platform sets by itself', () => {
    const { GRAPH_TENANT_ID, GRAPH_CLIENT_ID, GRAPH_CLIENT_SECRET: _, ...rest } = CREDENTIALS;
    const one = { ...rest, GRAPH_TENANT_ID, GRAPH_CLIENT_ID };
    for (const given of [
      { ...one, GRAPH_CLIENT_CERTIFICATE_FILE: '/run/secrets/c' },
      { ...one, AZURE_FEDERATED_TOKEN_FILE: '/var/run/t' },
      { ...rest, GRAPH_TENANT_ID, GRAPH_MANAGED_IDENTITY: 'system' },
      { ...rest, GRAPH_TENANTS_FILE: '/etc/tenants.json' },
    ]) {
      expect(readTarget(given, noFile).kind).toBe('real');
    }
    expect(readTarget({ AZURE_FEDERATED_TOKEN_FILE: '/var/run/t' }, noFile).kind).toBe('simulated');
  });

  const needed = Object.keys(CREDENTIALS).filter((name) => name !== 'MAILBOXES');
  test.each(needed)('refuses credentials without %s, naming it', (name) => {
    const read = () => readTarget({ ...CREDENTIALS, [name]: undefined }, noFile);
    expect(read).toThrow(new RegExp(`^[^\\n]*${name}[^\\n]* missing[^\\n]*$`));
    expect(read).not.toThrow(/not-a-real/);
  });
});

describe('consoleAddress', () => {
  test('is port 3000 on loopback unless told otherwise', () => {
    expect(consoleAddress({})).toEqual({
      host: '127.0.0.1',
      port: 3000,
      url: 'http://127.0.0.1:3000',
    });
  });

  test.each([
    ['0.0.0.0', 'http://127.0.0.1:80'],
    ['::1', 'http://[::1]:80'],
    ['console.local', 'http://console.local:80'],
  ])('shows an address that a browser takes for %s', (host, url) => {
    expect(consoleAddress({ OPS_CONSOLE_HOST: host, OPS_CONSOLE_PORT: '80' }).url).toBe(url);
  });

  test.each(['0', '65536', '80a', '-1'])('refuses port %s by the name of its variable', (port) => {
    expect(() => consoleAddress({ OPS_CONSOLE_PORT: port })).toThrow(/^OPS_CONSOLE_PORT must be/);
  });
});
