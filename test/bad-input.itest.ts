import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ownMachine } from '@ms1/testkit';

import { bareClone } from './bare-clone.ts';
import { CREDENTIALS, type FleetHome, runToItsEnd as run, setUpFleetHome } from './launch-fleet.ts';

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
