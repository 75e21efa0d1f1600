import { execFileSync, spawn } from 'node:child_process';
import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';

import { asRoot } from '../tools/machine/as-root.ts';
import { ensureRedis } from '../tools/machine/ensure-redis.ts';
import { PACKAGE_MANAGERS } from '../tools/machine/package-managers.ts';
import { bareClone } from './bare-clone.ts';
import { type FakeMachine, fakeMachine } from './fake-machine.ts';
import { root } from './workspaces.ts';

const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};
const clone = bareClone();
afterAll(() => clone[Symbol.dispose]());

/** A package manager that asks whatever it is told, and goes on with the answer. */
const ASKS = `echo "Do you want to continue? [Y/n]"
read answer || { echo "Aborted." >&2; exit 1; }
exit 0`;

async function refusalOf(machine: FakeMachine, tell: (line: string) => void = () => undefined) {
  const { binFolder, env } = machine;
  return ensureRedis({ mayInstall: true, binFolder, env, tell }).then(
    () => undefined,
    (error: Error) => error.message,
  );
}

describe('a system package', () => {
  test('is installed as root only after it was said', async () => {
    using machine = fakeMachine();
    machine.program('apt-get', 'exit 100');
    const told: { line: string; calls: number }[] = [];
    await refusalOf(machine, (line) => told.push({ line, calls: machine.calls('apt-get').length }));
    expect(told).toEqual([
      { line: expect.stringMatching(/\(as root: apt-get install redis-tools\)/), calls: 0 },
    ]);
    expect(machine.calls('apt-get').length).toBeGreaterThan(0);
  });

  test.each(PACKAGE_MANAGERS.map(({ program }) => program))(
    'is no question that waits for an answer, whatever %s asks',
    async (program) => {
      using machine = fakeMachine();
      machine.program(program, ASKS);
      expect(await refusalOf(machine)).toContain(`(${program}: Aborted.)`);
    },
  );

  test.each([
    // Asked without -n, it would have the password from the terminal in the end.
    ['a password', '[ "$1" = -n ] && exit 1; exit 0'],
    ['nothing', undefined],
  ])('is none where root asks for %s', async (_, sudo) => {
    using machine = fakeMachine();
    if (sudo) machine.program('sudo', sudo);
    else execFileSync('rm', [join(machine.folder, 'usr', 'sudo')]);
    expect(await asRoot(true, machine.env, {}, 1000)).toBeUndefined();
    // Control: who is root, or need not be, needs nobody.
    expect(await asRoot(true, machine.env, {}, 0)).toEqual([]);
    expect(await asRoot(false, machine.env, {}, 1000)).toEqual([]);
  });
});

describe('a script of package.json', () => {
  /** `npm run NAME` on a machine with nothing but Node, and an apt-get that would install. */
  async function run(name: string): Promise<{ installs: string[]; said: string }> {
    using machine = fakeMachine();
    symlinkSync(process.execPath, join(machine.binFolder, 'node'));
    machine.program('apt-get', 'echo "E: no network" >&2; exit 100');
    const child = spawn('/bin/sh', ['-c', scripts[name] ?? ''], {
      cwd: clone.path,
      env: { ...machine.env, MS1_DATA_DIR: join(machine.folder, 'data') },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        said += chunk;
      });
    }
    await new Promise((resolve) => child.once('close', resolve));
    return { installs: machine.calls('apt-get'), said };
  }

  test.each(['start', 'test', 'chaos', 'alerts'])(
    'npm run %s installs what it needs',
    async (name) => {
      const { installs, said } = await run(name);
      expect(installs.join('\n')).toContain('redis-tools');
      expect(said).toContain('Installing a Redis server');
    },
  );

  test('npm run test:long says what to type', async () => {
    const { installs, said } = await run('test:long');
    expect(installs).toEqual([]);
    expect(said).toMatch(/^redis-server is not on PATH and --no-install .*redis-tools/);
  });

  test('no other runs what could', () => {
    const may = ['start', 'test', 'test:long', 'check', 'chaos', 'alerts'];
    const others = Object.entries(scripts).filter(([name]) => !may.includes(name));
    const able = /tools\/|apt|sudo|npm (start|test)/;
    expect(others.filter(([, script]) => able.test(script))).toEqual([]);
    // Lint, types and unit tests need nothing of the machine: tools/run-checks.ts asks for nothing.
    expect(scripts['check']).toBe('node tools/test.mjs --check');
  });
});
