import { describe, expect, test } from '@jest/globals';
import { isGone, until } from '@ms1/testkit';

import { runStage } from './run-stage.ts';

/** Runs a script as a stage; what was shown, and what came of it. */
async function run(script: string, more: { isJest?: boolean; timeoutMs?: number } = {}) {
  const shown: string[] = [];
  const screen = { line: (text: string) => shown.push(text), progress: () => undefined };
  const command = [process.execPath, '-e', script];
  const stage = { name: 'trial', command, timeoutMs: 60_000, patienceMs: 500 };
  const signal = new AbortController().signal;
  const result = await runStage({ ...stage, ...more }, '/', signal, screen);
  return { ...result, shown };
}

const CLOSING = "console.log('3 passed, 0 failed, 0 skipped');";
const FOREVER = 'setInterval(() => undefined, 1000)';

describe('a stage', () => {
  test('says nothing when it is well, and counts what jest counted', async () => {
    expect(await run("console.log('all well')")).toMatchObject({ ok: true, shown: [] });
    expect(await run(CLOSING, { isJest: true })).toMatchObject({
      ok: true,
      counts: { passed: 3, failed: 0, skipped: 0 },
      shown: [],
    });
  });

  test('shows what it printed when it fails', async () => {
    const { ok, counts, shown } = await run("console.error('the reason'); process.exit(1)");
    expect({ ok, counts, shown }).toEqual({
      ok: false,
      counts: { passed: 0, failed: 1, skipped: 0 },
      shown: ['the reason'],
    });
  });

  test('has failed when it leaves a process behind, which is named and ended', async () => {
    const { ok, shown } = await run(`
      const { spawn } = require('node:child_process');
      const left = spawn(process.execPath, ['-e', '${FOREVER}', 'a-fleet'], { detached: true, stdio: 'inherit' });
      left.unref();
      require('node:fs').writeFileSync(process.env.HOME + '/pid', String(left.pid));`);
    expect(ok).toBe(false);
    const line = shown.find((text) => text.includes('left running')) ?? '';
    expect(line).toMatch(/^trial: left running: \d+ .*a-fleet$/);
    const pid = Number(/running: (\d+)/.exec(line)?.[1]);
    await until(() => isGone(pid), { what: 'it is ended' });
  });

  test('has failed when it leaves a file behind', async () => {
    const script = "require('node:fs').mkdtempSync(require('node:os').tmpdir() + '/ms1-redis-')";
    expect(await run(script)).toMatchObject({
      ok: false,
      shown: [expect.stringMatching(/^trial: left in the temporary folder: ms1-redis-/)],
    });
  });

  test('has failed when it does not come to its end', async () => {
    const { ok, shown } = await run(FOREVER, { timeoutMs: 100 });
    expect({ ok, shown }).toEqual({ ok: false, shown: [expect.stringContaining('was ended')] });
  });

  test('sees nothing of the environment that the person works in', async () => {
    process.env['REDIS_URL'] = 'redis://somewhere.example';
    const { ok } = await run('process.exit(process.env.REDIS_URL ? 1 : 0)');
    delete process.env['REDIS_URL'];
    expect(ok).toBe(true);
  });
});
