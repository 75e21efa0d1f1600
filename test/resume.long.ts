import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { isGone, until } from '@ms1/testkit';

import { type FleetHome, type Launch, setUpFleetHome } from './launch-fleet.ts';

const MESSAGES = 5_000;
const SESSION = ['--messages', String(MESSAGES), '--mailboxes', '10'];
const ALL_DELIVERED = {
  injected: MESSAGES,
  delivered: MESSAGES,
  skipped: 0,
  dead: 0,
  unexplained: 0,
  duplicates: 0,
};

/** Waits until MS4 has stored some of the session's messages, and not all. */
async function halfWay(home: FleetHome, launch: Launch): Promise<void> {
  const stored = await until(
    () => {
      if (launch.child.exitCode !== null) throw new Error(`it ended early:\n${launch.output()}`);
      const lines = readFileSync(`${home.dataDir}/simulator/stored.jsonl`, 'utf8').split('\n');
      return lines.length - 1 >= MESSAGES / 4 ? lines.length - 1 : false;
    },
    { timeoutMs: 120_000, what: 'a quarter of the messages is stored' },
  );
  expect(stored).toBeLessThan(MESSAGES);
}

async function finishes(home: FleetHome): Promise<void> {
  const again = home.launch([...SESSION, '--exit', '--report', home.reportFile]);
  const code = await again.exited;
  expect({ code, output: again.output() }).toMatchObject({ code: 0 });
  const report = JSON.parse(readFileSync(home.reportFile, 'utf8')) as { messages: object };
  expect(report.messages).toEqual(ALL_DELIVERED);
}

async function everythingEnds(pids: readonly number[]): Promise<void> {
  await until(() => pids.every(isGone), { what: `${pids.join(', ')} are gone` });
}

describe('a session that is interrupted half way', () => {
  test('by Ctrl-C leaves no process, and the next start finishes it: nothing lost, nothing doubled', async () => {
    await using home = await setUpFleetHome();
    const first = home.launch(SESSION);
    await halfWay(home, first);
    const pids = home.running();
    first.interrupt();
    expect(await first.exited).not.toBe(0);
    // Everything had stopped when the command returned.
    expect(pids.filter((pid) => !isGone(pid))).toEqual([]);
    await finishes(home);
  }, 900_000);

  test('by kill -9 of the launcher leaves no process, and the next start finishes it', async () => {
    await using home = await setUpFleetHome();
    const first = home.launch(SESSION, { direct: true });
    await halfWay(home, first);
    const pids = home.running();
    expect(pids.length).toBeGreaterThanOrEqual(8);
    first.child.kill('SIGKILL');
    await first.exited;
    await everythingEnds(pids);
    await finishes(home);
  }, 900_000);

  test('by kill -9 and an immediate start waits for what is still stopping, and finishes it', async () => {
    await using home = await setUpFleetHome();
    const first = home.launch(SESSION, { direct: true });
    await halfWay(home, first);
    const pids = home.running();
    first.child.kill('SIGKILL');
    await first.exited;
    await finishes(home);
    expect(pids.filter((pid) => !isGone(pid))).toEqual([]);
  }, 900_000);
});

describe('an app that dies in the middle', () => {
  test('is started again, and the session loses and doubles nothing', async () => {
    await using home = await setUpFleetHome();
    const run = home.launch([...SESSION, '--exit', '--report', home.reportFile], { direct: true });
    await halfWay(home, run);
    const record = JSON.parse(readFileSync(`${home.dataDir}/processes.json`, 'utf8')) as Record<
      string,
      string
    >;
    for (const app of ['processor', 'ms4-sender']) {
      const pid = Object.entries(record).find(([, mark]) => mark.includes(`/apps/${app}/`))?.[0];
      process.kill(Number(pid), 'SIGKILL');
    }
    const code = await run.exited;
    expect({ code, output: run.output() }).toMatchObject({ code: 0 });
    expect(run.output()).toContain('starting it again');
    const report = JSON.parse(readFileSync(home.reportFile, 'utf8')) as { messages: object };
    expect(report.messages).toEqual(ALL_DELIVERED);
  }, 900_000);
});
