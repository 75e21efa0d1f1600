import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const TOOLS = import.meta.dirname;
const ROOT = join(TOOLS, '..', '..');

/** Runs one test file in a jest of its own, as the real ones are; what jest said. */
async function runTest(body: string) {
  const folder = mkdtempSync(join(tmpdir(), 'ms1-trial-'));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const config = {
    rootDir: folder,
    testMatch: ['<rootDir>/*.trial.ts'],
    transform: { '\\.ts$': join(TOOLS, 'strip-types.ts') },
    testEnvironment: join(TOOLS, 'closed-environment.ts'),
    extensionsToTreatAsEsm: ['.ts'],
  };
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  writeFileSync(join(folder, 'a.trial.ts'), `import { test } from '@jest/globals';\n${body}`);
  const jest = join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js');
  const args = [
    '--experimental-vm-modules',
    jest,
    '--forceExit',
    '--config',
    JSON.stringify(config),
  ];
  const env = { ...process.env, MS1_TEST_PATIENCE_MS: '500' };
  try {
    return await new Promise<{ code: number; said: string }>((resolve) => {
      execFile(process.execPath, args, { cwd: folder, env }, (error, out, err) =>
        resolve({ code: error ? Number(error.code) : 0, said: out + err }),
      );
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('a test file that passes but leaves something open has failed, and is told what', () => {
  test.each([
    ['a timer', "test('x', () => void setTimeout(() => undefined, 60_000));", /left open: a timer/],
    [
      'a listener and a connection',
      `import { connect, createServer } from 'node:net';
       import { once } from 'node:events';
       test('x', async () => {
         const server = createServer().listen(0, '127.0.0.1');
         await once(server, 'listening');
         await once(connect(server.address().port, '127.0.0.1'), 'connect');
       });`,
      /left open: .*a listener on .*a connection to 127\.0\.0\.1:\d+/,
    ],
    [
      'a process',
      `import { spawn } from 'node:child_process';
       test('x', () => void spawn(process.execPath, ['-e', 'setTimeout(() => {}, 8000)', 'a-fleet'], { stdio: 'ignore' }));`,
      /left open: process \d+ \(.*a-fleet\)/,
    ],
  ])('%s', async (_, body, says) => {
    const { code, said } = await runTest(body);
    expect(said).toMatch(says);
    expect(code).toBe(1);
  });

  test('one that closes what it opened has not', async () => {
    const { code, said } = await runTest(
      `import { createServer } from 'node:net';
       test('x', async () => { await using server = createServer().listen(0); });`,
    );
    expect(said).not.toContain('left open');
    expect(code).toBe(0);
  });
});
