import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

import { ensureRedis } from '../tools/machine/ensure-redis.ts';
import { findProgram } from '../tools/machine/find-program.ts';
import { runProgram } from '../tools/machine/run-program.ts';
import { type FakeMachine, fakeMachine, serverOfVersion, writeProgram } from './fake-machine.ts';

/** Debian's redis-tools: the server under another name. */
const REDIS_TOOLS = writeProgram('redis-check-rdb', serverOfVersion('7.0.15'));
/** What apt says while another one works, for the first calls of the command that the pattern names. */
const lockedFor = (command: string, times: number, said: string) => `
case "$*" in *${command}*)
  n=$(/usr/bin/wc -l < "$0.calls")
  if [ "$n" -le ${times} ]; then echo "${said}" >&2; exit 100; fi;;
esac`;

/** What the person is told, and the refusal if there is one. */
async function ensure(
  machine: FakeMachine,
  options: { mayInstall?: boolean; patienceMs?: number },
) {
  const told: string[] = [];
  const { binFolder, env } = machine;
  const refusal = await ensureRedis({
    mayInstall: true,
    ...options,
    binFolder,
    env,
    tell: (line) => told.push(line),
  }).then(
    () => undefined,
    (error: Error) => error.message,
  );
  return { told, refusal };
}

/** Whatever the fleet would start now is a server. */
async function expectServer(machine: FakeMachine, version: string): Promise<void> {
  const file = findProgram('redis-server', machine.path);
  expect(await runProgram(file ?? 'none', ['--version'], machine.env)).toMatchObject({
    code: 0,
    output: expect.stringContaining(`v=${version}`),
  });
}

describe('a machine without Redis', () => {
  test('gets the programs without the service, which it is told in one line', async () => {
    using machine = fakeMachine();
    machine.program('apt-get', `case "$*" in *install*) ${REDIS_TOOLS};; esac`);
    const { told, refusal } = await ensure(machine, {});
    expect({ told, refusal }).toEqual({
      told: [
        expect.stringMatching(
          /^Installing a Redis server, .*not started.*apt-get install redis-tools\) \.\.\.$/,
        ),
      ],
      refusal: undefined,
    });
    await expectServer(machine, '7.0.15');
    // It removes nothing, and the package with the service is not asked for.
    expect(machine.calls('apt-get').at(-1)).toMatch(/^install -y .*--no-remove redis-tools$/);
    // The next start finds it and asks nobody.
    const calls = machine.calls('apt-get').length;
    expect(await ensure(machine, {})).toEqual({ told: [], refusal: undefined });
    expect(machine.calls('apt-get')).toHaveLength(calls);
  });

  test.each([
    ['install', 'E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 7 (apt)'],
    ['update', 'E: Could not get lock /var/lib/apt/lists/lock. It is held by process 7 (apt-get)'],
    ['install', 'ERROR: Unable to lock database: Resource temporarily unavailable'],
  ])(
    'waits while another one holds the lock of %s, says so once, and installs',
    async (what, said) => {
      using machine = fakeMachine();
      machine.program(
        'apt-get',
        `${lockedFor(what, 2, said)}\ncase "$*" in *install*) ${REDIS_TOOLS};; esac`,
      );
      const { told, refusal } = await ensure(machine, {});
      expect(refusal).toBeUndefined();
      expect(told.slice(1)).toEqual([expect.stringMatching(/^Another package manager is at work/)]);
      await expectServer(machine, '7.0.15');
    },
  );

  test('does not wait for ever, and shows what apt said last', async () => {
    using machine = fakeMachine();
    machine.program('apt-get', lockedFor('', 1_000, 'E: Could not get lock /var/lib/dpkg/lock'));
    const { refusal } = await ensure(machine, { patienceMs: 1 });
    expect(refusal).toContain('apt-get: E: Could not get lock /var/lib/dpkg/lock)');
    expect(refusal).toMatch(
      /run "sudo apt-get install redis-tools", then run the command again\.$/,
    );
  });

  test.each([
    ['E: Unable to locate package redis-tools', 1],
    // Nobody will give that lock back.
    ['E: Could not open lock file /var/lib/dpkg/lock - open (13: Permission denied)', 1],
    ['E: Unable to lock directory /var/lib/apt/lists/ (30: Read-only file system)', 1],
  ])('shows why apt could not: %s', async (said, installs) => {
    using machine = fakeMachine();
    machine.program('apt-get', `echo "Reading package lists..."; echo "${said}" >&2; exit 100`);
    const { refusal } = await ensure(machine, {});
    expect(refusal).toContain(`(apt-get: ${said})`);
    expect(refusal).toMatch(/^[^\n]*$/);
    const asked = machine.calls('apt-get').filter((call) => call.startsWith('install'));
    expect(asked).toHaveLength(installs);
  });

  test('is told what to type where nothing may be installed, and nothing is', async () => {
    using machine = fakeMachine();
    machine.program('apt-get', REDIS_TOOLS);
    const { told, refusal } = await ensure(machine, { mayInstall: false });
    expect({ told, refusal }).toEqual({
      told: [],
      refusal: expect.stringMatching(/--no-install.*run "sudo apt-get install redis-tools"/),
    });
    expect(machine.calls('apt-get')).toEqual([]);
    // Done as it says, the same command works.
    await runProgram('apt-get', ['install'], machine.env);
    expect(await ensure(machine, { mayInstall: false })).toEqual({ told: [], refusal: undefined });
  });
});

describe('a machine whose Redis is too old', () => {
  test.each([['5.0.7'], ['6.0.16']])(
    'is told so for %s, and nothing is installed',
    async (version) => {
      using machine = fakeMachine();
      machine.program('redis-server', serverOfVersion(version));
      machine.program('apt-get', REDIS_TOOLS);
      const { refusal } = await ensure(machine, {});
      expect(refusal).toContain(`/redis-server is Redis ${version}, and 6.2 or later is needed`);
      expect(machine.calls('apt-get')).toEqual([]);
    },
  );

  test('works when there is a newer one of another name beside it', async () => {
    using machine = fakeMachine();
    machine.program('redis-server', serverOfVersion('6.0.16'));
    machine.program('valkey-server', serverOfVersion('8.1.0'));
    expect(await ensure(machine, {})).toEqual({ told: [], refusal: undefined });
    await expectServer(machine, '8.1.0');
  });

  test('is told so when that is all its package manager has', async () => {
    using machine = fakeMachine();
    machine.program('apt-get', writeProgram('redis-check-rdb', serverOfVersion('6.0.16')));
    const { refusal } = await ensure(machine, {});
    expect(refusal).toContain('is Redis 6.0.16, and 6.2 or later is needed');
    expect(existsSync(join(machine.binFolder, 'redis-server'))).toBe(false);
  });

  test.each(['6.2.0', '7.0.15', '8.0.2', '255.255.255'])('is not one with %s', async (version) => {
    using machine = fakeMachine();
    machine.program('redis-server', serverOfVersion(version));
    expect(await ensure(machine, {})).toEqual({ told: [], refusal: undefined });
  });
});

test('a program called redis-server that is none is no reason to begin', async () => {
  using machine = fakeMachine();
  machine.program('redis-server', 'echo "not found" >&2; exit 127');
  const { refusal } = await ensure(machine, {});
  expect(refusal).toMatch(/^redis-server is not on PATH .*run the command again\.$/);
});
