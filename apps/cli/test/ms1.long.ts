import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { startRedis } from '@ms1/testkit';

import { consoleBundle, run, TOKEN } from './ms1-bundle.ts';

describe('ms1', () => {
  test('doctor as a process: one document, 1 when a check failed, and no console is asked', async () => {
    await using redis = await startRedis({ flags: { 'maxmemory-policy': 'allkeys-lru' } });
    const env = { REDIS_URL: redis.url };
    const { code, out, err } = await run(['doctor', '--only', 'redis', '--json'], env);
    const { status, checks } = JSON.parse(out) as { status: string; checks: { name: string }[] };
    expect([code, status, err]).toEqual([1, 'fail', '']);
    expect(checks.find(({ name }) => name === 'redis.eviction')).toMatchObject({
      status: 'fail',
      remedy: expect.stringContaining('noeviction'),
    });
    const one = await run(['doctor', '--only', 'redis.version'], env);
    expect([one.code, one.out]).toEqual([0, expect.stringMatching(/^ok {4}redis\.version/)]);
  });

  test('the address and the token may come from options and from .env', async () => {
    await using bundle = await consoleBundle();
    const dir = await mkdtemp(join(tmpdir(), 'ms1-cli-'));
    const { OPS_CONSOLE_URL: url } = bundle.env;
    await writeFile(join(dir, 'token'), `${TOKEN}\n`);
    await writeFile(join(dir, 'env'), `OPS_CONSOLE_URL=${url}\nOPS_CONSOLE_TOKEN=${TOKEN}\n`);
    const options = ['queues', 'list', '--url', url, '--token-file', join(dir, 'token')];
    const codes = await Promise.all([
      run(options, {}),
      run(['queues', 'list', '--env', join(dir, 'env')], {}),
      run(['queues', 'list', '--env', join(dir, 'env')], {
        OPS_CONSOLE_TOKEN: 'x'.repeat(20),
      }),
      run(['queues', 'list', '--env', join(dir, 'nowhere')], {}),
    ]);
    await rm(dir, { recursive: true });
    expect(codes.map(({ code }) => code)).toEqual([0, 0, 3, 2]);
  });

  test('a wrong command line is 2, a console that does not answer 3, and nothing shows the token', async () => {
    const env = { OPS_CONSOLE_URL: 'http://127.0.0.1:1', OPS_CONSOLE_TOKEN: TOKEN };
    const codes = await Promise.all([
      run([], env),
      run(['sessions', 'start'], env),
      run(['dead', 'replay', '--yes'], env),
      run(['audit', '--bogus'], env),
      run(['audit'], {}),
      run(['sessions', 'list'], env),
    ]);
    expect(codes.map(({ code }) => code)).toEqual([0, 2, 2, 2, 2, 3]);
    expect(JSON.stringify(codes)).not.toContain(TOKEN);
  });
});
