import { once } from 'node:events';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { freePort, ownMachine, until } from '@ms1/testkit';

import { bareClone } from './bare-clone.ts';
import { type FleetHome, type LaunchOptions, setUpFleetHome } from './launch-fleet.ts';

const CREDENTIALS = {
  GRAPH_TENANT_ID: '11111111-2222-4333-8444-555555555555',
  GRAPH_CLIENT_ID: '11111111-2222-4333-8444-666666666666',
  GRAPH_CLIENT_SECRET: 'not-a-real-secret',
  MAILBOXES: '11111111-2222-4333-8444-777777777777',
  MS4_BASE_URL: 'https://ms4.invalid',
  MS4_TOKEN: 'not-a-real-token',
};

/** Runs the command to its end: its exit code, and what it wrote, line by line. */
async function run(home: FleetHome, args: readonly string[], options: LaunchOptions = {}) {
  const launch = home.launch(args, { direct: true, ...options });
  const code = await launch.exited;
  const lines = launch
    .output()
    .split('\n')
    .filter((line) => line !== '');
  return { code, lines };
}

/** Nothing ran, and nothing that looks like a run was left: no Redis files, no logs. */
function expectNothingStarted(home: FleetHome): void {
  expect(home.running()).toEqual([]);
  for (const folder of ['redis', 'simulator', 'logs']) {
    expect(existsSync(join(home.dataDir, folder))).toBe(false);
  }
}

describe('npm start, given something that cannot work, says one sentence and starts nothing', () => {
  test.each([
    [['--mesages', '5'], /--mesages/],
    [['--messages', 'ten'], /--messages must be a whole number .* not "ten"/],
  ])('%j', async (args, sentence) => {
    await using home = await setUpFleetHome();
    const { code, lines } = await run(home, args);
    expect({ code, lines }).toEqual({ code: 1, lines: [expect.stringMatching(sentence)] });
    expectNothingStarted(home);
  });

  test('a console port that another program has', async () => {
    await using home = await setUpFleetHome();
    await using server = createServer().listen(home.consolePort, '127.0.0.1');
    await once(server, 'listening');
    const { code, lines } = await run(home, []);
    expect(code).toBe(1);
    expect(lines).toEqual([
      `port ${home.consolePort} (OPS_CONSOLE_PORT) is already in use: stop what listens there or set OPS_CONSOLE_PORT to a free port`,
    ]);
    expectNothingStarted(home);
  });

  test('half of the credentials in the .env file', async () => {
    await using home = await setUpFleetHome();
    const file = join(home.dataDir, 'half.env');
    writeFileSync(file, 'GRAPH_TENANT_ID=x\nMS4_API_KEY=y\n');
    const { code, lines } = await run(home, [], { env: { MS1_ENV_FILE: file } });
    expect(code).toBe(1);
    expect(lines).toEqual([
      expect.stringContaining('GRAPH_CLIENT_ID, GRAPH_CLIENT_SECRET and MS4_BASE_URL are missing'),
    ]);
    expectNothingStarted(home);
  });

  test('an option of the simulated session with real credentials', async () => {
    await using home = await setUpFleetHome();
    const { code, lines } = await run(home, ['--messages', '5'], { env: CREDENTIALS });
    expect({ code, lines }).toEqual({ code: 1, lines: [expect.stringContaining('--messages')] });
    expectNothingStarted(home);
  });

  test('a machine without Redis and without a package manager', async () => {
    await using home = await setUpFleetHome();
    using machine = ownMachine(['node']);
    using clone = bareClone();
    const { code, lines } = await run(home, [], { env: machine.env, clone: clone.path });
    expect({ code, lines }).toEqual({
      code: 1,
      lines: [expect.stringMatching(/^redis-server is not on PATH .* run the command again\.$/)],
    });
    expectNothingStarted(home);
  });
});

describe('npm start, when an app cannot start', () => {
  test('repeats its sentence and stops everything that had started', async () => {
    await using home = await setUpFleetHome();
    const { code, lines } = await run(home, [], { env: { PROCESSOR_BATCH_SIZE: 'many' } });
    expect(code).toBe(1);
    expect(lines.at(-1)).toMatch(/processor did not start .*PROCESSOR_BATCH_SIZE: must be a whole/);
    expect(home.running()).toEqual([]);
    expect(existsSync(join(home.dataDir, 'launcher.lock'))).toBe(false);
  }, 60_000);

  test('with real credentials and a Redis that is down says so', async () => {
    await using home = await setUpFleetHome();
    const port = await freePort();
    const env = { ...CREDENTIALS, REDIS_URL: `redis://127.0.0.1:${port}` };
    const { code, lines } = await run(home, [], { env });
    expect(code).toBe(1);
    expect(lines.at(-1)).toMatch(new RegExp(`did not start .*127\\.0\\.0\\.1:${port}`));
    expect(lines.join()).not.toContain('not-a-real');
    expect(home.running()).toEqual([]);
  }, 60_000);
});

describe('npm start, when it is running already', () => {
  test('refuses the second one, and the first goes on', async () => {
    await using home = await setUpFleetHome();
    const first = home.launch(['--messages', '50', '--mailboxes', '2'], { direct: true });
    await until(() => first.output().includes('The fleet stays up'), {
      timeoutMs: 90_000,
      what: 'the first fleet is up',
    });
    const { code, lines } = await run(home, ['--fresh']);
    expect({ code, lines }).toEqual({
      code: 1,
      lines: [expect.stringMatching(/^npm start is already running here \(process \d+\)/)],
    });
    expect(readdirSync(join(home.dataDir, 'simulator'))).toContain('stored.jsonl');
    const page = await fetch(`http://127.0.0.1:${home.consolePort}/login`);
    expect(page.status).toBe(200);
    first.interrupt();
    expect(await first.exited).toBe(0);
    expect(home.running()).toEqual([]);
  }, 120_000);

  test('takes over the lock of a launcher that is gone', async () => {
    await using home = await setUpFleetHome();
    // A process id that lives, and is no launcher.
    writeFileSync(join(home.dataDir, 'launcher.lock'), String(process.pid));
    const { code, lines } = await run(home, ['--messages', 'none']);
    expect({ code, lines }).toEqual({ code: 1, lines: [expect.stringContaining('--messages')] });
    const taken = await run(home, [], { env: { PROCESSOR_BATCH_SIZE: '0' } });
    expect(taken.lines.at(-1)).toContain('processor did not start');
  }, 60_000);
});
