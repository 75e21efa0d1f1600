import { stripVTControlCharacters } from 'node:util';

/** Between two columns of a table. */
const GAP = 2;
/** No column is cut below this: less tells nothing. */
const LEAST = 8;

/** Nothing that came from elsewhere may steer the terminal. */
export function clean(text: string): string {
  return text.replaceAll(/[^\P{C}]/gu, ' ');
}

/**
 * The width of each column: as its widest cell, and when the table is wider than the terminal, the
 * widest columns are cut until it fits (or none is wider than 8).
 *
 * @param limit columns of the terminal; null: nothing is cut
 */
export function fitWidths(rows: readonly (readonly string[])[], limit: number | null): number[] {
  const columns = rows[0]?.length ?? 0;
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  if (limit === null) return widths;
  const total = (): number => widths.reduce((sum, width) => sum + width, GAP * (columns - 1));
  while (total() > limit) {
    const widest = Math.max(...widths);
    if (widest <= LEAST) break;
    const column = widths.indexOf(widest);
    const next = Math.max(LEAST, ...widths.filter((width) => width < widest));
    widths[column] = Math.max(next, widest - (total() - limit));
    // Equal ones take turns, so that none is cut to nothing beside another that is whole.
    if (widths[column] === widest) widths[column] = widest - 1;
  }
  return widths;
}

/** Breaks a line at spaces so that it fits; lines after the first are indented by `hang`. */
export function wrap(text: string, limit: number | null, hang: number): string[] {
  // A terminal too narrow for the indent and a few words wraps as it likes.
  if (limit === null || limit < hang + 20) return [text];
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/(?<=\S) (?=\S)/)) {
    const next = line === '' ? word : `${line} ${word}`;
    if (stripVTControlCharacters(next).length <= limit || line === '') line = next;
    else {
      lines.push(line);
      line = `${' '.repeat(hang)}${word}`;
    }
  }
  return [...lines, line];
}
