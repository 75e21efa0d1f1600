/** `npm run chaos`: the fault matrix, run for real. See chaos/options.ts for what it takes, docs/chaos.md for how to read it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { readMachine } from '../bench/machine.ts';
import { ChaosError } from './chaos/chaos-error.ts';
import { TUNED } from './chaos/fleet/open-fleet.ts';
import { HELP, parseOptions } from './chaos/options.ts';
import { openRunScreen } from './chaos/report/screen.ts';
import type { SeedReport } from './chaos/report/seed-report.ts';
import { listRows, seedSummary, totals } from './chaos/report/summary.ts';
import { ROWS } from './chaos/rows/index.ts';
import { drawRows } from './chaos/run/draw-rows.ts';
import { runSeed } from './chaos/run/run-seed.ts';
import { FleetError } from './fleet/fleet-error.ts';
import { onStopRequest, Stopped } from './fleet/stop-request.ts';
import { ensureRedis } from './machine/ensure-redis.ts';

const root = fileURLToPath(new URL('../', import.meta.url));

try {
  process.exitCode = await main();
} catch (error) {
  const isTold = error instanceof ChaosError || error instanceof FleetError;
  if (!(isTold || error instanceof Stopped)) throw error;
  if (isTold) process.stderr.write(`${error.message}\n`);
  process.exitCode = error instanceof Stopped ? error.exitCode : 2;
}
process.exit();

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2), ROWS);
  const say = (text: string): void => void process.stdout.write(`${text}\n`);
  if (options.help) {
    say(HELP);
    return 0;
  }
  if (options.list) {
    say(listRows(ROWS));
    return 0;
  }
  using stop = onStopRequest();
  await ensureRedis({
    binFolder: join(root, 'node_modules', '.bin'),
    mayInstall: process.env['MS1_NO_INSTALL'] === undefined,
    tell: say,
    signal: stop.signal,
  });
  const { signal } = stop;
  const machine = readMachine();
  // Compiled once and not by each of ten processes, at every restart.
  process.env['NODE_COMPILE_CACHE'] ??= join(root, 'node_modules', '.cache', 'compile');
  const screen = openRunScreen(process.stdout);
  const reports: SeedReport[] = [];
  for (const seed of options.seeds) {
    const { messages, lastsMs } = options;
    const rows = options.only ?? drawRows(ROWS, { seed, messages });
    try {
      reports.push(await runSeed({ seed, messages, rows, lastsMs }, screen, signal));
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      throw error;
    } finally {
      screen.settle();
    }
    const last = reports.at(-1);
    if (last) say(seedSummary(last));
    if (options.json !== undefined) {
      const found = { at: new Date().toISOString(), machine, config: TUNED, seeds: reports };
      writeFileSync(options.json, `${JSON.stringify(found, null, 2)}\n`);
    }
  }
  if (reports.length > 1) say(totals(reports));
  return reports.every(({ problems }) => problems.length === 0) ? 0 : 1;
}
