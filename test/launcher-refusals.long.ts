import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { freePort } from '@ms1/testkit';

import { type BareClone, bareClone } from './bare-clone.ts';
import { fakeMachine } from './fake-machine.ts';

interface Ended {
  code: number | null;
  lines: string[];
}

const bare = bareClone();
afterAll(() => bare[Symbol.dispose]());

/** A machine with nothing but Node, and what a command of a clone does there. */
async function setUp(clone: BareClone = bare) {
  const machine = fakeMachine();
  symlinkSync(process.execPath, join(machine.binFolder, 'node'));
  const dataDir = join(machine.folder, 'data');
  const env = {
    ...machine.env,
    MS1_DATA_DIR: dataDir,
    OPS_CONSOLE_PORT: String(await freePort()),
  };
  return {
    machine,
    dataDir,
    env,
    run: (args: readonly string[], own: Record<string, string> = {}, script = 'start.mjs') =>
      run([join(clone.path, 'tools', script), ...args], clone.path, { ...env, ...own }),
    [Symbol.dispose]: () => machine[Symbol.dispose](),
  };
}

function run(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
    }
    child.once('close', (code) =>
      resolve({ code, lines: text.split('\n').filter((line) => line !== '') }),
    );
  });
}

describe('on a machine with nothing but Node', () => {
  test('npm start -- --help needs nothing', async () => {
    using own = await setUp();
    const { code, lines } = await own.run(['--help']);
    expect([code, lines[0]]).toEqual([0, 'npm start [-- OPTIONS]']);
    expect(lines.join('\n')).toContain('--no-install');
  });

  test.each([
    [[], { MS1_ENV_FILE: '/nowhere/my.env' }, /^MS1_ENV_FILE names \/nowhere\/my\.env, .*ENOENT/],
    [['--report', '/nowhere/r.json'], {}, /^--report \/nowhere\/r\.json .* no such folder/],
    [[], { MS1_DATA_DIR: '/proc/data' }, /^the data folder \/proc\/data .*ENOENT.*MS1_DATA_DIR/],
    [[], {}, /^redis-server is not on PATH .* run the command again\.$/],
  ])('npm start %j %j says one sentence, and makes nothing', async (args, env, sentence) => {
    using own = await setUp();
    const { code, lines } = await own.run(args, env);
    expect({ code, lines }).toEqual({ code: 1, lines: [expect.stringMatching(sentence)] });
    expect(existsSync(own.dataDir) ? readdirSync(own.dataDir) : []).toEqual([]);
  });

  test.each([
    ['redis', {}, /^the data folder .*\/redis \(/],
    [
      'none',
      { OPS_CONSOLE_TOKEN_FILE: '/nowhere/t' },
      /^OPS_CONSOLE_TOKEN_FILE names \/nowhere\/t/,
    ],
  ])('a %s in the data folder that is in the way, %j', async (name, env, sentence) => {
    using own = await setUp();
    own.machine.program('redis-server', 'echo "Redis server v=7.0.15 sha=0"');
    mkdirSync(own.dataDir);
    if (name === 'redis') writeFileSync(join(own.dataDir, name), 'not a folder');
    else mkdirSync(join(own.dataDir, name));
    const { code, lines } = await own.run([], env);
    expect({ code, lines }).toEqual({ code: 1, lines: [expect.stringMatching(sentence)] });
    expect(existsSync(join(own.dataDir, 'launcher.lock'))).toBe(false);
  });
});

describe('where nothing may be installed', () => {
  test.each([
    ['start.mjs', ['--no-install'], {}],
    ['test.mjs', [], { MS1_NO_INSTALL: '1' }],
  ])('%s %j %j says what to type and installs nothing', async (script, args, env) => {
    using own = await setUp();
    own.machine.program('apt-get', 'exit 0');
    const { code, lines } = await own.run(args, env, script);
    expect({ code, lines }).toEqual({
      code: 1,
      lines: [
        expect.stringMatching(/^redis-server is not on PATH and --no-install .*apt-get install/),
      ],
    });
    expect(own.machine.calls('apt-get')).toEqual([]);
  });

  test('nor are the dependencies', async () => {
    using clone = bareClone({ installed: false });
    using own = await setUp(clone);
    own.machine.program('npm', 'exit 0');
    const { code, lines } = await own.run(['--no-install']);
    expect({ code, lines }).toEqual({
      code: 1,
      lines: [expect.stringMatching(/^The dependencies are not installed.*run "npm install"/)],
    });
    expect(own.machine.calls('npm')).toEqual([]);
    expect(existsSync(join(clone.path, 'node_modules'))).toBe(false);
  });

  test('0 is a no, and what is missing is installed', async () => {
    using own = await setUp();
    own.machine.program('apt-get', 'echo "E: no network" >&2; exit 100');
    const { code, lines } = await own.run([], { MS1_NO_INSTALL: '0' });
    expect({ code, lines }).toEqual({
      code: 1,
      lines: [
        expect.stringMatching(/^Installing a Redis server/),
        expect.stringMatching(/\(apt-get: E: no network\)/),
      ],
    });
  });
});

describe('a reader that goes away', () => {
  test.each([
    ['tools/start.mjs', ['--help'], 0],
    ['apps/cli/bin/ms1.mjs', ['--help'], 0],
    ['tools/start.mjs', ['--mesages'], 1],
  ])('%s %j ends as it would have, without a word', async (script, args, code) => {
    using own = await setUp();
    const child = spawn(process.execPath, [join(bare.path, script), ...args], {
      cwd: bare.path,
      env: own.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    // What is written to one of them finds nobody; the other would show a stack.
    const [closed, open] = code === 0 ? [child.stdout, child.stderr] : [child.stderr, child.stdout];
    closed.destroy();
    open.setEncoding('utf8').on('data', (chunk: string) => {
      said += chunk;
    });
    const ended = await new Promise((resolve) => child.once('close', resolve));
    expect({ ended, said }).toEqual({ ended: code, said: '' });
  });
});
