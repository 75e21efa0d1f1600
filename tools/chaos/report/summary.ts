import type { Finding } from '../audit/finding.ts';
import type { ChaosRow } from '../chaos-row.ts';
import type { SeedReport } from './seed-report.ts';
import { table } from './table.ts';

const SIGNS: Readonly<Record<Finding['verdict'], string>> = {
  held: 'held',
  broken: 'BROKEN',
  measured: 'measured',
  unchecked: 'not checked',
};

/** What one seed came to. */
export function seedSummary(report: SeedReport): string {
  const { seed, messages, seconds, injected, planned, findings, problems } = report;
  return [
    '',
    `Seed ${seed}: ${messages} messages, ${injected} faults of ${planned}, ${seconds} s`,
    '',
    table(report),
    '',
    ...findings.flatMap(({ id, about, verdict, value, worst }) => [
      `${id.padEnd(4)} ${SIGNS[verdict].padEnd(12)} ${about}: ${value}`,
      ...worst.map((one) => `${' '.repeat(18)}${one}`),
    ]),
    '',
    ...(problems.length === 0
      ? [`Seed ${seed} is clean.`]
      : problems.map((problem) => `Seed ${seed}: ${problem}`)),
  ].join('\n');
}

/** All seeds together. */
export function totals(reports: readonly SeedReport[]): string {
  const rows = reports.flatMap((report) => report.rows);
  const sum = (of: 'lost' | 'doubled' | 'unexplained' | 'stuck'): number =>
    rows.reduce((total, row) => total + row[of], 0);
  const messages = reports.reduce((total, report) => total + report.messages, 0);
  const bad = reports.filter(({ problems }) => problems.length > 0).map(({ seed }) => seed);
  const byId = rows.toSorted((a, b) => a.id.localeCompare(b.id, 'en', { numeric: true }));
  return [
    '',
    table({ rows: byId }),
    '',
    `${reports.length} seeds, ${messages} messages, ${rows.length} faults of ${new Set(rows.map(({ id }) => id)).size} rows: lost ${sum('lost')}, doubled ${sum('doubled')}, unexplained ${sum('unexplained')}, stuck ${sum('stuck')}`,
    bad.length === 0
      ? 'All seeds are clean.'
      : `Not clean: ${bad.join(', ')}; run one alone with --seed`,
  ].join('\n');
}

/** `--list` */
export function listRows(rows: readonly ChaosRow[]): string {
  return rows
    .map(
      ({ id, about, recoveryMs }) =>
        `${id.padEnd(6)} ${about} (recovers in ${recoveryMs / 1_000} s)`,
    )
    .join('\n');
}
