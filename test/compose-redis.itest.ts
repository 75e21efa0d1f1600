import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { freePort, until } from '@ms1/testkit';
import { parse } from 'yaml';

import { redisCommand, redisUrlOf } from '../tools/fleet/redis-command.ts';
import { root } from './workspaces.ts';

interface Service {
  entrypoint: string[];
  command: string[];
  healthcheck: { test: string };
}

const { redis: service } = (
  parse(readFileSync(join(root, 'docker', 'compose.yaml'), 'utf8'), { merge: true }) as {
    services: { redis: Service };
  }
).services;

/** The container of Redis without an engine: its entrypoint and its health check, each where the other finds it. */
async function container() {
  const folder = mkdtempSync(join(tmpdir(), 'ms1-compose-redis-'));
  for (const name of ['bin', 'access', 'data']) mkdirSync(join(folder, name));
  const port = await freePort();
  const program = (name: string, lines: string): void => {
    writeFileSync(join(folder, 'bin', name), lines);
    chmodSync(join(folder, 'bin', name), 0o755);
  };
  // The image's own, which starts what it is told as another user.
  program('docker-entrypoint.sh', '#!/bin/sh\necho "$*" > "$0.called"\nexec "$@"\n');
  program('chown', '#!/bin/sh\nexit 0\n');
  // It says what Redis answers and, as the real one, ends well whatever that is.
  program(
    'redis-cli',
    `#!/bin/sh\nexec "${process.execPath}" "${join(folder, 'bin', 'ask.mjs')}"\n`,
  );
  program(
    'ask.mjs',
    `import { connect } from 'node:net';
const socket = connect(${port}, '127.0.0.1');
socket.on('error', () => {}).setTimeout(5000, () => socket.destroy());
socket.on('data', (text) => { console.log(String(text)); socket.end(); });
socket.write('AUTH ' + process.env.REDISCLI_AUTH + '\\r\\nPING\\r\\n');`,
  );
  const env = { ...process.env, PATH: `${join(folder, 'bin')}:${process.env['PATH']}` };
  /** As Compose has it: `$$` is a dollar. */
  const here = (word: string): string =>
    word
      .replaceAll('$$', '$')
      .replaceAll('/run/ms1', join(folder, 'access'))
      .replaceAll(':6379', `:${port}`);
  const urlFile = join(folder, 'access', 'redis-url');
  return {
    port,
    urlFile,
    /** as an app reads it */
    url: () => readFileSync(urlFile, 'utf8').trim(),
    start: async () => {
      const [shell = '', ...words] = [...service.entrypoint, ...service.command].map(here);
      const own = ['--port', String(port), '--dir', join(folder, 'data')];
      const child = spawn(shell, [...words, ...own], { env, stdio: 'ignore' });
      const exited = new Promise((resolve) => child.once('exit', resolve));
      await until(
        async () =>
          (
            await redisCommand(redisUrlOf(port, 'none'), ['PING']).catch(
              (error: Error) => error.message,
            )
          ).startsWith('WRONGPASS'),
        { what: 'Redis answers, and asks for its password' },
      );
      return {
        /** its command line, before it gives itself another */
        called: readFileSync(join(folder, 'bin', 'docker-entrypoint.sh.called'), 'utf8'),
        [Symbol.asyncDispose]: async () => {
          child.kill('SIGTERM');
          await exited;
        },
      };
    },
    isHealthy: () => spawnSync('sh', ['-c', here(service.healthcheck.test)], { env }).status === 0,
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

test('the Redis of Compose makes its own password, which only its file shows, and keeps it', async () => {
  using box = await container();
  let first: string;
  {
    await using redis = await box.start();
    first = box.url();
    expect(first).toMatch(new RegExp(`^redis://:[0-9a-f]{48}@127\\.0\\.0\\.1:${box.port}$`));
    expect(statSync(box.urlFile).mode & 0o077).toBe(0);
    expect(await redisCommand(first, ['SET', 'kept', 'yes'])).toBe('OK');
    expect(redis.called).toMatch(/^redis-server - .*--appendonly yes/);
    expect(redis.called).not.toContain(new URL(first).password);
    expect(box.isHealthy()).toBe(true);

    // Control: it is the password that makes it healthy.
    writeFileSync(box.urlFile, 'redis://:a-guess@127.0.0.1:6379');
    expect(box.isHealthy()).toBe(false);
    writeFileSync(box.urlFile, first);
  }
  expect(box.isHealthy()).toBe(false);
  await using again = await box.start();
  expect([box.url(), again.called.includes('requirepass')]).toEqual([first, false]);
  expect(await redisCommand(first, ['GET', 'kept'])).toBe('yes');
});
