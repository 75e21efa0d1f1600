import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { DEFAULT_KEY_PREFIX } from '@ms1/contracts';
import { closeRedis, connectRedis } from '@ms1/redis';
import { freePort, until } from '@ms1/testkit';
import { parse } from 'yaml';

import { redisCommand, redisUrlOf } from '../tools/fleet/redis-command.ts';
import { root } from './workspaces.ts';

interface Service {
  entrypoint: string[];
  command: string[];
  healthcheck: { test: string[] };
}

const { redis: service } = (
  parse(readFileSync(join(root, 'docker', 'compose.yaml'), 'utf8'), { merge: true }) as {
    services: { redis: Service };
  }
).services;

/** The container of Redis without an engine: its entrypoint and its health check, each where the other finds it. */
async function container() {
  const folder = mkdtempSync(join(tmpdir(), 'ms1-compose-redis-'));
  for (const name of ['bin', 'access', 'data', 'redis']) mkdirSync(join(folder, name));
  const port = await freePort();
  const program = (name: string, lines: string): void => {
    writeFileSync(join(folder, 'bin', name), lines);
    chmodSync(join(folder, 'bin', name), 0o755);
  };
  // The image's own, which starts what it is told as another user.
  program('docker-entrypoint.sh', '#!/bin/sh\necho "$*" > "$0.called"\nexec "$@"\n');
  program('chown', '#!/bin/sh\nexit 0\n');
  // As the real one it says what Redis answers, and ends well whatever that is. `--user NAME` comes first.
  program(
    'redis-cli',
    `#!/bin/sh\nexec "${process.execPath}" "${join(folder, 'bin', 'ask.mjs')}" "$@"\n`,
  );
  program(
    'ask.mjs',
    `import { connect } from 'node:net';
const socket = connect(${port}, '127.0.0.1');
let said = '';
socket.on('error', () => {}).setTimeout(5000, () => socket.destroy());
socket.on('data', (text) => { said += text; });
socket.on('end', () => console.log(said.split('\\r\\n')[1]?.slice(1)));
socket.write('AUTH ' + process.argv[3] + ' ' + process.env.REDISCLI_AUTH + '\\r\\nPING\\r\\nQUIT\\r\\n');`,
  );
  const env = { ...process.env, PATH: `${join(folder, 'bin')}:${process.env['PATH']}` };
  const here = (text: string): string =>
    text
      .replaceAll('/etc/ms1', join(folder, 'redis'))
      .replaceAll('/run/ms1', join(folder, 'access'))
      .replaceAll('redis:6379', `127.0.0.1:${port}`);
  for (const name of ['start.sh', 'health-check.sh', 'rights']) {
    const text = readFileSync(join(root, 'docker', 'redis', name), 'utf8');
    writeFileSync(join(folder, 'redis', name), here(text));
  }
  const urlFile = (user: string): string => join(folder, 'access', user, 'redis-url');
  return {
    port,
    urlFile,
    /** as a process of that user reads it */
    url: (user: string) => readFileSync(urlFile(user), 'utf8').trim(),
    start: async () => {
      const [shell = '', ...words] = [...service.entrypoint, ...service.command].map(here);
      const own = ['--port', String(port)];
      // The folder that the image begins in; the script's own cannot be written to.
      const cwd = join(folder, 'data');
      const child = spawn(shell, [...words, ...own], { cwd, env, stdio: 'ignore' });
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
    dataFiles: () => readdirSync(join(folder, 'data')),
    isHealthy: () => {
      const [, shell = '', ...words] = service.healthcheck.test.map(here);
      return spawnSync(shell, words, { env }).status === 0;
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

test('the Redis of Compose makes a password for each role, which only its file shows, and keeps it', async () => {
  using box = await container();
  let first: string;
  {
    await using redis = await box.start();
    first = box.url('processor');
    expect(first).toMatch(
      new RegExp(`^redis://processor:[0-9a-f]{48}@127\\.0\\.0\\.1:${box.port}$`),
    );
    expect(statSync(box.urlFile('processor')).mode & 0o077).toBe(0);
    expect(box.url('poller')).not.toContain(new URL(first).password);
    expect(redis.called).toMatch(/^redis-server - .*--appendonly yes/);
    expect(redis.called).not.toContain(new URL(first).password);
    expect(box.isHealthy()).toBe(true);
    expect(box.dataFiles()).toContain('appendonlydir');
  }
  expect(box.isHealthy()).toBe(false);
  await using again = await box.start();
  expect([box.url('processor'), again.called.includes('user ')]).toEqual([first, false]);
});

test('a role has its rights and no more, and an operator all', async () => {
  using box = await container();
  await using redis = await box.start();
  expect(box.isHealthy()).toBe(true);
  await using webhook = await connectRedis({
    url: box.url('ingest-api'),
    role: 'producer',
    name: 'test',
    rights: { role: 'ingest-api', prefixes: [DEFAULT_KEY_PREFIX] },
  }).then((client) => ({ client, [Symbol.asyncDispose]: () => closeRedis(client) }));
  await expect(webhook.client.set('other', '1')).rejects.toThrow('NOPERM');
  await expect(webhook.client.config('GET', 'port')).rejects.toThrow('NOPERM');
  expect(redis.called).not.toContain('requirepass');
  expect(await redisCommand(box.url('default'), ['CONFIG', 'GET', 'maxmemory-policy'])).toContain(
    'noeviction',
  );
});
