/**
 * npm run bench -- [--only name,name] [--json] [--quick]
 *
 * Runs the benchmarks one after another, writes what they found into results.md (each its own section, the others stay),
 * and exits with 1 when a figure misses its bound. `--json` prints everything measured to stdout instead of tables.
 * `--quick` does a tenth of the work and leaves results.md alone.
 */
import { parseArgs } from 'node:util';

import { type BenchReport, holds } from './bench.ts';
import { BENCHES } from './benches.ts';
import { renderReport } from './render-report.ts';
import { writeSection } from './results-file.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    json: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
  },
});

const names = values.only?.split(',') ?? BENCHES.map(({ name }) => name);
const unknown = names.filter((name) => !BENCHES.some((bench) => bench.name === name));
if (unknown.length > 0) {
  console.error(
    `unknown: ${unknown.join(', ')}; there are: ${BENCHES.map(({ name }) => name).join(', ')}`,
  );
  process.exit(2);
}

const say = (line: string): void => console.error(line);
const reports: Record<string, BenchReport> = {};
for (const bench of BENCHES.filter(({ name }) => names.includes(name))) {
  say(`${bench.name}: ${bench.title}`);
  const report = await bench.run({ quick: values.quick, say });
  reports[bench.name] = report;
  if (!values.json) console.log(renderReport(bench.title, report));
  if (!values.quick) await writeSection(bench.name, renderReport(bench.title, report));
}
if (values.json) console.log(JSON.stringify(reports, null, 2));

const missed = Object.values(reports)
  .flatMap(({ checks }) => checks)
  .filter((check) => !holds(check));
for (const { what, value } of missed) say(`missed: ${what}: ${value}`);
process.exit(missed.length > 0 && !values.quick ? 1 : 0);
