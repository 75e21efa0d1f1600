import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { loadConfig } from '@ms1/runtime';
import { z } from 'zod';

import { payloadConfig } from './payload-keys.ts';

const Config = z.object(payloadConfig);
const KEY = Buffer.alloc(32, 0xfb).toString('base64');
const OTHER = Buffer.alloc(32, 7).toString('base64');
const idsOf = (env: Record<string, string>) =>
  loadConfig(Config, env).PAYLOAD_KEY?.map(({ id }) => id);

describe('PAYLOAD_KEY', () => {
  test('is off by default', () => {
    expect(idsOf({})).toBeUndefined();
    expect(idsOf({ PAYLOAD_KEY: '' })).toBeUndefined();
  });

  test('holds keys in their order, in one line or several, in either base64', () => {
    expect(idsOf({ PAYLOAD_KEY: `2026-11:${KEY},2026-10:${OTHER}` })).toEqual([
      '2026-11',
      '2026-10',
    ]);
    const url = Buffer.from(KEY, 'base64').toString('base64url');
    expect(idsOf({ PAYLOAD_KEY: `b:${url}\na:${OTHER}\n` })).toEqual(['b', 'a']);
  });

  test('comes from a file too', () => {
    const folder = mkdtempSync(join(tmpdir(), 'ms1-keys-'));
    const file = join(folder, 'payload-keys');
    writeFileSync(file, `b:${KEY}\na:${OTHER}\n`);
    expect(idsOf({ PAYLOAD_KEY_FILE: file })).toEqual(['b', 'a']);
    rmSync(folder, { recursive: true });
  });

  test.each([
    ['separators alone', ' , ', /holds no key: .*openssl rand -base64 32/],
    ['a key alone', KEY, /^PAYLOAD_KEY: entry 1: .*openssl rand -base64 32.*, the id/],
    ['an id with a dot', `a.b:${KEY}`, /entry 1: .*the id 1 to 32/],
    ['a short key', `a:${KEY},b:${KEY.slice(0, 20)}`, /entry 2: has 15 bytes and not 32/],
    ['an id that is there twice', `a:${KEY},a:${OTHER}`, /entry 2: has the id of another one/],
  ])('%s is refused with what to do, and without its value', (_, value, problem) => {
    const load = () => loadConfig(Config, { PAYLOAD_KEY: value });
    expect(load).toThrow(problem);
    expect(load).not.toThrow(new RegExp(KEY.slice(0, 8).replaceAll('+', '\\+')));
  });
});
