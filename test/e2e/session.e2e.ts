import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';

import { isGone, setUpFleetHome } from '../launch-fleet.ts';

interface Report {
  messages: Record<string, number>;
  elapsedSeconds: number;
  messagesPerSecond: number;
  graph: { httpRequests: number; quotaUnits: number };
  ms4: { requests: number };
  redis: { commands: number };
}

const MESSAGES = 1_000;
const BATCH_SIZE = 500;

describe('npm start', () => {
  test('takes a session from the mailboxes to MS4, proves it, and leaves nothing behind', async () => {
    await using home = await setUpFleetHome();
    const args = ['--messages', String(MESSAGES), '--mailboxes', '5', '--exit'];
    const first = home.launch([...args, '--report', home.reportFile]);
    const seen = new Set<number>();
    const watch = setInterval(() => {
      for (const pid of home.running()) seen.add(pid);
    }, 100);
    const code = await first.exited;
    clearInterval(watch);

    expect({ code, output: first.output() }).toMatchObject({ code: 0 });
    const report = readReport(home.reportFile);
    expect(report.messages).toEqual({
      injected: MESSAGES,
      delivered: MESSAGES,
      skipped: 0,
      dead: 0,
      unexplained: 0,
      duplicates: 0,
    });
    expect(report.ms4.requests).toBeLessThanOrEqual(Math.ceil((MESSAGES / BATCH_SIZE) * 1.02));
    // With attachments a message costs one unit more; walking pages costs next to nothing.
    expect(report.graph.quotaUnits / MESSAGES).toBeLessThan(2.05);
    expect(report.messagesPerSecond).toBeGreaterThan(0);
    expect(report.redis.commands).toBeGreaterThan(0);
    // Redis, its guard, the simulator and five apps.
    expect(seen.size).toBe(8);
    expect([...seen].filter((pid) => !isGone(pid))).toEqual([]);

    // The same command again finds everything done, says so, and delivers nothing twice.
    const second = home.launch([...args, '--report', home.reportFile]);
    expect(await second.exited).toBe(0);
    expect(second.output()).toContain('delivered by an earlier run');
    expect(readReport(home.reportFile)).toMatchObject({
      messages: { injected: MESSAGES, delivered: MESSAGES, duplicates: 0, unexplained: 0 },
      ms4: { requests: 0 },
    });
  }, 240_000);
});

function readReport(file: string): Report {
  return JSON.parse(readFileSync(file, 'utf8')) as Report;
}
