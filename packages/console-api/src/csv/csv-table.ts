import type { AnswerOf, CallName } from '../routes.ts';
import { type Cell, CSV_MARK, csvLine } from './write-csv.ts';

/** A list or report as CSV: a line for each of its rows. */
export interface CsvTable {
  /** of the file, without its ending */
  readonly name: string;
  readonly columns: readonly string[];
  /** the lines of an answer, or of one page of it */
  lines(body: unknown): string;
}

/** What an answer has rows of: itself where it is a list. */
type RowOf<K extends CallName> = AnswerOf<K> extends readonly (infer Row)[] ? Row : never;

type Columns<Row> = Readonly<Record<string, (row: Row) => Cell>>;

/** A list, a line an entry. */
export function listTable<K extends CallName>(name: string, columns: Columns<RowOf<K>>): CsvTable {
  return tableOf<K, RowOf<K>>(name, (body) => body as unknown as RowOf<K>[], columns);
}

/** An answer that is no list. */
export function tableOf<K extends CallName, Row>(
  name: string,
  rowsOf: (body: AnswerOf<K>) => readonly Row[],
  columns: Columns<Row>,
): CsvTable {
  const cells = Object.values(columns);
  return {
    name,
    columns: Object.keys(columns),
    lines: (body) =>
      rowsOf(body as AnswerOf<K>)
        .map((row) => csvLine(cells.map((cellOf) => cellOf(row))))
        .join(''),
  };
}

/** What a file begins with: the mark by which Excel knows UTF-8, and the columns. */
export function csvHead({ columns }: CsvTable): string {
  return CSV_MARK + csvLine(columns);
}
