/** What a spreadsheet would take for a formula, and run. */
const RUNS = /^[=+\-@\t\r]/;

/**
 * Rows as CSV for Excel: UTF-8 with its mark, CRLF, the columns named in the first line. A cell that a spreadsheet would
 * run as a formula gets an apostrophe before it.
 */
export function toCsv(
  columns: readonly string[],
  rows: readonly Readonly<Record<string, string | number | null>>[],
): string {
  const lines = [columns, ...rows.map((row) => columns.map((column) => row[column] ?? ''))];
  return `\uFEFF${lines.map((line) => line.map(toCell).join(',')).join('\r\n')}`;
}

function toCell(value: string | number): string {
  const text = typeof value === 'string' && RUNS.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
