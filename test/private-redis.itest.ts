import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { freePort, startRedis } from '@ms1/testkit';
import { Redis } from 'ioredis';

import { makeSubfolders, openDataFolder } from '../tools/fleet/data-folder.ts';
import { startPrivateRedis } from '../tools/fleet/private-redis.ts';
import { ProcessRecord } from '../tools/fleet/process-record.ts';
import { redisCommand, redisUrlOf } from '../tools/fleet/redis-command.ts';
import { readOrMakeSecrets } from '../tools/fleet/secrets.ts';

/** As another user of the machine would: without a password, whatever the error. */
async function asStranger(port: number): Promise<string> {
  const redis = new Redis({
    host: '127.0.0.1',
    port,
    lazyConnect: true,
    retryStrategy: () => null,
  });
  redis.on('error', () => undefined);
  try {
    return String(await redis.keys('*'));
  } catch (error) {
    return (error as Error).message;
  } finally {
    redis.disconnect();
  }
}

test('the Redis of a fleet on one machine answers nobody without its password, which no command line shows', async () => {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'ms1-data-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const data = openDataFolder(folder);
  makeSubfolders(data);
  const { redisPassword: password } = readOrMakeSecrets(data.secrets);
  const port = await freePort();
  const record = new ProcessRecord(data.processes);
  const redis = await startPrivateRedis(data, { port, password }, record);
  stack.defer(() => redis.stop());

  expect(await asStranger(port)).toContain('NOAUTH');
  await expect(redisCommand(redisUrlOf(port, 'a-guess'), ['PING'])).rejects.toThrow('WRONGPASS');
  expect(await redisCommand(redis.url, ['PING'])).toBe('PONG');
  expect(readFileSync(`/proc/${redis.pid}/cmdline`, 'utf8')).not.toContain(password);
  expect(readFileSync(data.secrets, 'utf8')).toContain(password);

  // Control: one that asks for none answers.
  await using open = await startRedis();
  expect(await asStranger(open.port)).toBe('');
});
