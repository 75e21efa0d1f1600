import type { RowOutcome, SeedReport } from './seed-report.ts';

const HEAD = [
  'fault',
  'injected',
  'for',
  'recovered in',
  'caught up in',
  'lost',
  'doubled',
  'unexplained',
  'stuck',
  'attempts burnt',
] as const;

/** A row each, in columns, for a terminal or a file. */
export function table({ rows }: Pick<SeedReport, 'rows'>): string {
  const lines = rows.map((row) => [
    `${row.id} ${row.about}`,
    row.failure === null ? 'yes' : 'NO',
    seconds(row.faultMs),
    recovery(row),
    seconds(row.caughtUpMs),
    String(row.lost),
    String(row.doubled),
    String(row.unexplained),
    String(row.stuck),
    String(row.burnt),
  ]);
  const widths = HEAD.map((head, column) =>
    Math.max(head.length, ...lines.map((line) => line[column]?.length ?? 0)),
  );
  const show = (line: readonly string[]): string =>
    line
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ');
  return [show(HEAD), ...lines.map(show)].join('\n');
}

/** `1.2 s`, `61.0 s (late: 45.0 s)`, `never` */
export function recovery({
  failure,
  recoveredMs,
  limitMs,
}: Pick<RowOutcome, 'failure' | 'recoveredMs' | 'limitMs'>): string {
  if (failure !== null) return '-';
  if (recoveredMs === null) return 'never';
  const late = recoveredMs > limitMs ? ` (late: ${seconds(limitMs)})` : '';
  return `${seconds(recoveredMs)}${late}`;
}

export const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
