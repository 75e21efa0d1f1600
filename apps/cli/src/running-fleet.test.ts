import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';

import { orOfRunningFleet } from './running-fleet.ts';

const folder = mkdtempSync(join(tmpdir(), 'ms1-running-'));
const file = join(folder, 'console.json');
const RUNNING = { url: 'http://127.0.0.1:3456', token: 'of-the-running-one' };
const ITS_OWN = { OPS_CONSOLE_URL: RUNNING.url, OPS_CONSOLE_TOKEN: RUNNING.token };

beforeEach(() => writeFileSync(file, JSON.stringify(RUNNING)));
afterAll(() => rmSync(folder, { recursive: true }));

describe('orOfRunningFleet', () => {
  test('finds address and token where the environment says nothing', () => {
    expect(orOfRunningFleet({ PATH: '/bin' }, folder)).toMatchObject(ITS_OWN);
  });

  test('finds the file that the person keeps the token in', () => {
    writeFileSync(file, JSON.stringify({ url: RUNNING.url, tokenFile: '/run/secrets/t' }));
    expect(orOfRunningFleet({}, folder)).toMatchObject({
      OPS_CONSOLE_TOKEN_FILE: '/run/secrets/t',
    });
  });

  test.each(['http://127.0.0.1:3456/', 'http://localhost:3456'])('knows it as %s too', (url) => {
    expect(orOfRunningFleet({ OPS_CONSOLE_URL: url }, folder)).toMatchObject(ITS_OWN);
  });

  test.each(['https://console.example', 'http://127.0.0.1:3457', 'https://127.0.0.1:3456', 'what'])(
    'gives its token to no other: %s',
    (url) => {
      const env = { OPS_CONSOLE_URL: url };
      expect(orOfRunningFleet(env, folder)).toBe(env);
    },
  );

  test.each(['OPS_CONSOLE_TOKEN', 'OPS_CONSOLE_TOKEN_FILE'])('leaves a given %s alone', (name) => {
    const env = orOfRunningFleet({ [name]: 'mine' }, folder);
    expect(env).toEqual({ OPS_CONSOLE_URL: RUNNING.url, [name]: 'mine' });
  });

  test.each(['', '{"url":', 'null'])('is the environment where none runs: %j', (content) => {
    writeFileSync(file, content);
    expect(orOfRunningFleet({}, folder)).toEqual({});
    expect(orOfRunningFleet({}, join(folder, 'nowhere'))).toEqual({});
  });
});
