import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { freePort, until } from '@ms1/testkit';

import { CREDENTIALS, runToItsEnd as run, setUpFleetHome } from './launch-fleet.ts';

describe('npm start, when an app cannot start', () => {
  test('repeats its sentence and stops everything that had started', async () => {
    await using home = await setUpFleetHome();
    const { code, lines } = await run(home, [], { env: { PROCESSOR_BATCH_SIZE: 'many' } });
    expect(code).toBe(1);
    expect(lines.at(-1)).toMatch(/processor did not start .*PROCESSOR_BATCH_SIZE: must be a whole/);
    expect(home.running()).toEqual([]);
    expect(existsSync(join(home.dataDir, 'launcher.lock'))).toBe(false);
  });

  test('with real credentials and a Redis that is down says so', async () => {
    await using home = await setUpFleetHome();
    const port = await freePort();
    const env = { ...CREDENTIALS, REDIS_URL: `redis://127.0.0.1:${port}` };
    const { code, lines } = await run(home, [], { env });
    expect(code).toBe(1);
    expect(lines.at(-1)).toMatch(new RegExp(`did not start .*127\\.0\\.0\\.1:${port}`));
    expect(lines.join()).not.toContain('not-a-real');
    expect(home.running()).toEqual([]);
  });
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
  });

  test('takes over the lock of a launcher that is gone', async () => {
    await using home = await setUpFleetHome();
    // A process id that lives, and is no launcher.
    writeFileSync(join(home.dataDir, 'launcher.lock'), String(process.pid));
    const { code, lines } = await run(home, ['--messages', 'none']);
    expect({ code, lines }).toEqual({ code: 1, lines: [expect.stringContaining('--messages')] });
    const taken = await run(home, [], { env: { PROCESSOR_BATCH_SIZE: '0' } });
    expect(taken.lines.at(-1)).toContain('processor did not start');
  });
});
