import { type BenchReport, type Check, holds, type Table } from './bench.ts';

/** A report as Markdown. */
export function renderReport(title: string, { notes, tables, checks }: BenchReport): string {
  const parts = [`## ${title}`, ...notes, ...tables.map(renderTable)];
  if (checks.length > 0) parts.push(renderTable(checkTable(checks)));
  return `${parts.join('\n\n')}\n`;
}

function renderTable({ title, columns, rows }: Table): string {
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
  const rule = `|${columns.map((_, i) => (i === 0 ? '---' : '--:')).join('|')}|`;
  return [`**${title}**`, '', line(columns), rule, ...rows.map(line)].join('\n');
}

function checkTable(checks: readonly Check[]): Table {
  return {
    title: 'Bounds',
    columns: ['figure', 'measured', 'bound', 'holds'],
    rows: checks.map((check) => [
      check.what,
      check.value,
      'max' in check.bound ? `<= ${check.bound.max}` : `>= ${check.bound.min}`,
      holds(check) ? 'yes' : '**no**',
    ]),
  };
}
