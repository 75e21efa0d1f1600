/**
 * `npm test`: every check, each with its time, and one closing line. `--long` runs the long tests instead, `--check`
 * (`npm run check`) lint, types and unit tests.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { add, type Counts, closingLine } from './check/counts.ts';
import { runStage } from './check/run-stage.ts';
import { openScreen } from './check/screen.ts';
import { CHECK_STAGES, chosenStage, LONG_STAGES, QUICK_STAGES } from './check/stages.ts';
import { FleetError } from './fleet/fleet-error.ts';
import { ensureChromium } from './machine/ensure-chromium.ts';
import { ensurePrometheus } from './machine/ensure-prometheus.ts';
import { ensureRedis } from './machine/ensure-redis.ts';

const root = fileURLToPath(new URL('../', import.meta.url));

const args = process.argv.slice(2);
const long = args.includes('--long');
const forJest = args.filter((arg) => !['--long', '--check'].includes(arg));
const whole = long ? LONG_STAGES : args.includes('--check') ? CHECK_STAGES : QUICK_STAGES;
const stages = forJest.length > 0 ? [chosenStage(forJest, long)] : whole;

const installing = {
  mayInstall: process.env['MS1_NO_INSTALL'] === undefined,
  tell: (line: string) => void process.stderr.write(`${line}\n`),
};
try {
  // Lint, types and unit tests need nothing of the machine.
  if (whole !== CHECK_STAGES) {
    await ensureRedis({ ...installing, binFolder: join(root, 'node_modules', '.bin') });
  }
  // Only the long tests look at the page in a browser, and at what alerts make of the metrics.
  if (long) {
    await ensureChromium(installing);
    await ensurePrometheus(installing);
  }
} catch (error) {
  if (!(error instanceof FleetError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => stop.abort());
}

const screen = openScreen(process.stdout);
let counts: Counts = { passed: 0, failed: 0, skipped: 0 };
for (const stage of stages) {
  if (stop.signal.aborted) break;
  screen.progress(stage.name);
  const result = await runStage(stage, root, stop.signal, screen);
  counts = add(counts, result.counts);
  const verdict = result.ok ? 'ok    ' : 'FAILED';
  screen.line(`${verdict} ${stage.name.padEnd(12)} ${result.seconds.toFixed(1).padStart(7)} s`);
}

if (stop.signal.aborted) counts = add(counts, { passed: 0, failed: 1, skipped: 0 });
screen.line(closingLine(counts));
process.exit(counts.failed > 0 ? 1 : 0);
