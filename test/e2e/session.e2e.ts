import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

import { isGone } from '@ms1/testkit';

import { setUpFleetHome } from '../launch-fleet.ts';
import { faultsOf, readKeyRows, readStoredKeys, rowsOf } from '../redis-keys.ts';
import { root } from '../workspaces.ts';
import { canariesOf, journalOf, keysOf, outputsOf, watchMetrics } from './personal-data.ts';
import { watchApi } from './watch-api.ts';

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
    const metrics = watchMetrics(home.dataDir);
    const api = watchApi(home.dataDir, home.consolePort);
    const code = await first.exited;
    clearInterval(watch);
    const measured = metrics.stop();
    const readable = { ...outputsOf(home.dataDir), ...measured, output: first.output() };

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

    expectNothingPersonal(home.dataDir, readable);
    await expectKeysOfTheTable(home.dataDir);
    expectMetricsOfThePage(measured);
    const { answers, faults, apps } = api.stop();
    expect({ faults, apps }).toEqual({
      faults: [],
      apps: ['ingest-api', 'ms4-sender', 'ops-console', 'poller', 'processor'],
    });
    expect(answers).toBeGreaterThan(10);

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

/** Nothing of the mail or of a secret is in anything that people or programs read of a run. */
function expectNothingPersonal(dataDir: string, readable: Record<string, string>): void {
  const { mail, secrets } = canariesOf(dataDir);
  // Control: there is a lot to find, it went through Redis, and the search does find it there.
  expect(mail.length).toBeGreaterThan(MESSAGES);
  expect(secrets.length).toBeGreaterThan(5);
  const journal = journalOf(dataDir);
  expect([...mail, ...secrets].filter((one) => journal.includes(one)).length).toBeGreaterThan(
    MESSAGES,
  );
  expect(keysOf(dataDir).length).toBeGreaterThan(MESSAGES);
  expect(Object.keys(readable).filter((name) => name.endsWith('metrics'))).toHaveLength(5);
  const found = Object.entries(readable).flatMap(([name, text]) => [
    ...mail.filter((one) => text.includes(one)).map(() => `mail in ${name}`),
    // The launcher shows a person the console's password, once, where it made it up.
    ...secrets
      .filter((one) => text.includes(one) && name !== 'output')
      .map(() => `a secret in ${name}`),
  ]);
  expect(found).toEqual([]);
}

/** Each process tells Prometheus what docs/metrics.md says that it does, and nothing else of ours. */
function expectMetricsOfThePage(measured: Record<string, string>): void {
  const page = readFileSync(join(root, 'docs', 'metrics.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `(ms1_\w+)` \| (\w+) \| [^|]* \| ([^|]+) \|/gm)];
  for (const [name, text] of Object.entries(measured)) {
    const app = name.split('.')[0] ?? '';
    const has = (processes: string) => processes === 'all' || processes.split(', ').includes(app);
    const told = [...text.matchAll(/^# TYPE (ms1_\w+ \w+)$/gm)].map(([, one]) => one);
    const expected = rows.filter(([, , , processes = '']) => has(processes));
    expect({ app, told: new Set(told) }).toEqual({
      app,
      told: new Set(expected.map(([, metric, type]) => `${metric} ${type}`)),
    });
    // As many with 500 mailboxes: no label names one.
    expect(text.match(/^ms1_[^\n]*$/gm)?.length).toBeLessThan(250);
  }
}

/** Every key that is left in Redis, and the name of every one that was ever written, is in docs/redis-keys.md. */
async function expectKeysOfTheTable(dataDir: string): Promise<void> {
  const rows = readKeyRows();
  const stored = await readStoredKeys(dataDir);
  expect(stored.length).toBeGreaterThan(MESSAGES);
  expect(faultsOf(stored, rows)).toEqual([]);
  const nameless = keysOf(dataDir).filter((key) => rowsOf(key, rows).length !== 1);
  expect(nameless).toEqual([]);
  // Control: a key whose row is taken away is missed.
  const others = rows.filter(({ key }) => key !== 'store:epoch');
  expect(faultsOf(stored, others)).toHaveLength(1);
}

function readReport(file: string): Report {
  return JSON.parse(readFileSync(file, 'utf8')) as Report;
}
