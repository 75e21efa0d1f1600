/** `npm run bench`: the benchmarks one after another, each with its section of bench/results.md. */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';

import { type BenchReport, holds } from './bench.ts';
import { BENCHES } from './benches.ts';
import { readMachine } from './machine.ts';
import { profileRole } from './profile/profile-role.ts';
import { renderReport } from './render-report.ts';
import { writeSection } from './results-file.ts';

const HELP = `npm run bench [-- OPTIONS]

Runs the benchmarks one after another, each within its budget of seconds, writes what they found into
bench/results.md (each its own section, the others stay), and exits with 1 when a figure misses its bound.

  --only NAME,NAME  these: ${BENCHES.map(({ name }) => name).join(', ')}
  --full            the long sizes too: 100,000 messages, the growth curves; takes as long as it takes
  --quick           a tenth of the work, to see that it runs; bench/results.md is left alone
  --json FILE       everything measured, run by run, with the machine and the versions
  --profile ROLE    no benchmark: a CPU profile of one process of the fleet under load
  --help            this text`;

const say = (line: string): void => console.error(line);

function options() {
  try {
    return parseArgs({
      options: {
        only: { type: 'string' },
        full: { type: 'boolean', default: false },
        quick: { type: 'boolean', default: false },
        json: { type: 'string' },
        profile: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    say(`${(error as Error).message}\n\n${HELP}`);
    process.exit(2);
  }
}

const values = options();
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
if (values.profile !== undefined) {
  console.log(await profileRole(values.profile, say));
  process.exit(0);
}

const asked = values.only?.split(',');
const unknown = asked?.filter((name) => !BENCHES.some((bench) => bench.name === name)) ?? [];
if (unknown.length > 0) {
  say(`unknown: ${unknown.join(', ')}; there are: ${BENCHES.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}
const { full, quick } = values;
const chosen = BENCHES.filter(
  ({ name, budgetSeconds }) => asked?.includes(name) ?? (full || budgetSeconds > 0),
);

const machine = readMachine();
const reports: Record<string, BenchReport> = {};
for (const bench of chosen) {
  const { name, title, budgetSeconds } = bench;
  const began = performance.now();
  const seconds = (): number => (performance.now() - began) / 1_000;
  say(`${name}: ${title}`);
  const report = await bench.run({
    quick,
    full,
    say,
    hasTime: () => full || seconds() < budgetSeconds,
  });
  say(`  ${Math.round(seconds())} s`);
  reports[name] = report;
  const section = report.section ?? { name, title };
  const markdown = renderReport(section.title, report);
  console.log(markdown);
  if (!quick) await writeSection(section.name, markdown, machine);
}
if (values.json !== undefined) {
  const at = new Date().toISOString();
  await writeFile(values.json, `${JSON.stringify({ at, machine, reports }, null, 2)}\n`);
}

const missed = Object.values(reports)
  .flatMap(({ checks }) => checks)
  .filter((check) => !holds(check));
for (const { what, value } of missed) say(`missed: ${what}: ${value}`);
process.exit(missed.length > 0 && !quick ? 1 : 0);
