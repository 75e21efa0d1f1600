export type Cell = string | number | null | undefined;

/** Without it Excel takes the bytes for those of the code page of its machine; other readers know it and leave it out. */
export const CSV_MARK = '\uFEFF';

/**
 * Where a spreadsheet may begin a cell, and one that it would run as a formula. Excel begins one at `;` too where the
 * machine writes decimals with a comma, and there the quotes of RFC 4180 protect nothing that is inside a cell.
 */
const RUNS_INSIDE = /([;\t\r\n])(?="*[=+\-@\t\r])/g;
const RUNS = /^(?="*[=+\-@\t\r])/;

/** One line of CSV as RFC 4180 has it, its end included. What a spreadsheet would run gets an apostrophe before it. */
export function csvLine(cells: readonly Cell[]): string {
  return `${cells.map(toCell).join(',')}\r\n`;
}

function toCell(value: Cell): string {
  if (typeof value !== 'string') return value === null || value === undefined ? '' : String(value);
  const text = value.replaceAll(RUNS_INSIDE, "$1'").replace(RUNS, "'");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
