import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';

import { ConfigError, loadConfig, secret } from './load-config.ts';
import { integer, sharedConfig, url } from './shared-config.ts';

const Config = z.object({
  ...sharedConfig(8083),
  WORKER_CONCURRENCY: integer(1, 100).default(4),
  TARGET_URL: url('https'),
  TARGET_TOKEN: secret(z.string().min(8, 'must have at least 8 characters')),
});

const good = { TARGET_URL: 'https://example.com', TARGET_TOKEN: 'long-enough' };

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    loadConfig(Config, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

function setup() {
  const dir = mkdtempSync(join(tmpdir(), 'ms1-config-'));
  const file = join(dir, 'token');
  return { dir, file, [Symbol.dispose]: () => rmSync(dir, { recursive: true }) };
}

describe('loadConfig', () => {
  test('fills in defaults and turns numbers into numbers', () => {
    expect(loadConfig(Config, good)).toMatchObject({
      KEY_PREFIX: '{ms1}',
      HEALTH_PORT: 8083,
      WORKER_CONCURRENCY: 4,
    });
    expect(loadConfig(Config, { ...good, WORKER_CONCURRENCY: '7' }).WORKER_CONCURRENCY).toBe(7);
  });

  test('certificates that nobody checks are refused, whatever else is set', () => {
    const problems = problemsOf({ ...good, NODE_TLS_REJECT_UNAUTHORIZED: '0' });
    expect(problems).toEqual([expect.stringContaining('NODE_EXTRA_CA_CERTS')]);
    expect(problemsOf({ ...good, NODE_TLS_REJECT_UNAUTHORIZED: '1' })).toEqual([]);
  });

  test('a failpoint is refused in production, whatever else is set', () => {
    const env = { ...good, NODE_ENV: 'production', FAILPOINT: 'notice:after-add:1:kill' };
    expect(problemsOf(env)).toEqual([expect.stringContaining('FAILPOINT is for tests alone')]);
    expect(problemsOf({ ...env, FAILPOINT: '' })).toEqual([]);
  });

  test('reports every problem at once, each by the name of its variable', () => {
    const problems = problemsOf({
      KEY_PREFIX: 'ms1',
      LOG_LEVEL: 'loud',
      WORKER_CONCURRENCY: '4x',
      TARGET_TOKEN: 'short',
    });
    expect(problems).toHaveLength(5);
    for (const name of [
      'KEY_PREFIX',
      'LOG_LEVEL',
      'WORKER_CONCURRENCY',
      'TARGET_URL',
      'TARGET_TOKEN',
    ]) {
      expect(problems.join('\n')).toContain(name);
    }
    expect(problems.find((line) => line.startsWith('TARGET_URL'))).toMatch(/is not set/);
  });

  test('never shows a value, which may be a secret', () => {
    expect(problemsOf({ ...good, TARGET_TOKEN: 's3cret!' }).join()).not.toContain('s3cret!');
  });

  test('counts an empty variable as not set', () => {
    expect(loadConfig(Config, { ...good, LOG_LEVEL: '' }).LOG_LEVEL).toBe('info');
    expect(problemsOf({ ...good, TARGET_URL: '' })).toHaveLength(1);
  });

  test('reads a secret from a file, without its last newline', () => {
    using bundle = setup();
    writeFileSync(bundle.file, 'from-a-file\n');
    const { TARGET_URL } = good;
    expect(loadConfig(Config, { TARGET_URL, TARGET_TOKEN_FILE: bundle.file }).TARGET_TOKEN).toBe(
      'from-a-file',
    );
  });

  test('refuses a secret that is given twice or whose file cannot be read', () => {
    using bundle = setup();
    writeFileSync(bundle.file, 'from-a-file');
    expect(problemsOf({ ...good, TARGET_TOKEN_FILE: bundle.file })).toEqual([
      'TARGET_TOKEN and TARGET_TOKEN_FILE are both set: keep one',
    ]);
    const missing = problemsOf({
      TARGET_URL: good.TARGET_URL,
      TARGET_TOKEN_FILE: `${bundle.file}-not`,
    });
    expect(missing[0]).toMatch(/TARGET_TOKEN_FILE cannot be read \(ENOENT\)/);
  });

  test('reads a file only for what is marked as a secret', () => {
    expect(
      problemsOf({ TARGET_TOKEN: 'long-enough', TARGET_URL_FILE: '/etc/hostname' }),
    ).toHaveLength(1);
  });
});
