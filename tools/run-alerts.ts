/**
 * `npm run alerts`: makes the cause of each alert in a real fleet under a real Prometheus, and writes what fired after
 * how long (ops/alerts.md). `--only NAME,NAME` tries some, without the quiet hour before them; `--pictures` draws the
 * dashboards as they were meanwhile (docs/images).
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { FIRST, LAST } from './alerts/causes/index.ts';
import { drawDashboards } from './alerts/draw-dashboards.ts';
import { HELP, parseOptions } from './alerts/options.ts';
import { renderReport } from './alerts/render-report.ts';
import { QUIET_MS, runTrial } from './alerts/run-trial.ts';
import { type CauseResult, keepResults } from './alerts/trial-results.ts';
import { FleetError } from './fleet/fleet-error.ts';
import { onStopRequest, Stopped } from './fleet/stop-request.ts';
import { ensurePrometheus } from './machine/ensure-prometheus.ts';
import { ensureRedis } from './machine/ensure-redis.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const resultsFile = join(root, 'ops', 'alerts.json');
const rulesFile = join(root, 'ops', 'prometheus', 'rules.yaml');

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof FleetError || error instanceof Stopped)) throw error;
  if (error instanceof FleetError) process.stderr.write(`${error.message}\n`);
  process.exitCode = error instanceof Stopped ? error.exitCode : 2;
}
process.exit();

function inOrder(results: readonly CauseResult[], names: readonly string[]): CauseResult[] {
  return results.toSorted((a, b) => names.indexOf(a.name) - names.indexOf(b.name));
}

async function main(): Promise<number> {
  const causes = [...FIRST, ...LAST];
  const { only: names, pictures, help } = parseOptions(process.argv.slice(2), causes);
  const say = (text: string): void => void process.stdout.write(`${text}\n`);
  const order = causes.map(({ name }) => name);
  if (help) {
    say([HELP, '', ...causes.map(({ name, about }) => `  ${name.padEnd(18)} ${about}`)].join('\n'));
    return 0;
  }
  using stop = onStopRequest();
  const installing = {
    mayInstall: process.env['MS1_NO_INSTALL'] === undefined,
    tell: say,
    signal: stop.signal,
  };
  await ensureRedis({ ...installing, binFolder: join(root, 'node_modules', '.bin') });
  await ensurePrometheus(installing);
  process.env['NODE_COMPILE_CACHE'] ??= join(root, 'node_modules', '.cache', 'compile');
  const wanted = ({ name }: { name: string }): boolean => names?.includes(name) ?? true;
  const on = new Date().toISOString().slice(0, 10);
  const { reports, unexpected } = await runTrial(
    rulesFile,
    { first: FIRST.filter(wanted), last: LAST.filter(wanted), quietMs: names ? 0 : QUIET_MS },
    say,
    stop.signal,
    {
      onCause({ cause: { name, about }, fired, problem }) {
        if (problem !== null) return;
        const results = keepResults(resultsFile, [{ name, about, fired, on }]);
        const page = renderReport(inOrder(results, order), readFileSync(rulesFile, 'utf8'));
        writeFileSync(join(root, 'ops', 'alerts.md'), page);
      },
      async onEnd(prometheus, from, to) {
        if (pictures) {
          await drawDashboards(prometheus, { from, to }, join(root, 'docs', 'images'));
        }
      },
    },
  );
  const failed = reports.filter(({ problem }) => problem !== null).length;
  say(
    `${reports.length - failed} causes told, ${failed} not; unexpected: ${unexpected.join(', ') || 'none'}`,
  );
  return failed === 0 && unexpected.length === 0 ? 0 : 1;
}
