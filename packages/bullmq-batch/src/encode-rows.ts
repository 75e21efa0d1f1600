import { isAdd, placeOf, ROW_SCRIPTS, type RowScript } from './row-scripts.ts';

/** One script call inside a run. Adds carry {@link FENCE_COLUMNS} columns of their own in front. */
export interface Row {
  readonly script: RowScript;
  readonly columns: readonly unknown[];
  /** settles a job that is no child, no parent and not deduplicated, as far as its hash told when it was fetched */
  readonly bare?: boolean;
}

/** script, keys, arguments, rows, columns that differ (1-based), 1 for an add */
type Group = [
  script: number,
  keys: number,
  args: number,
  rows: number,
  differ: number[],
  add: 0 | 1,
];

export interface EncodedRows<T extends Row> {
  readonly groups: Group[];
  readonly args: unknown[];
  /** the rows in the order of the answers */
  readonly order: T[];
}

/** Groups rows by script, adds first, and sends a column only once where all rows of a group agree on it. */
export function encodeRows<T extends Row>(
  rows: readonly T[],
  keysOf: (script: RowScript) => number,
  fence: number,
): EncodedRows<T> {
  const groups: Group[] = [];
  const args: unknown[] = [];
  const order: T[] = [];
  for (const script of ROW_SCRIPTS.toReversed()) {
    const group = rows.filter((row) => row.script === script);
    const [first] = group;
    if (!first) continue;
    const adds = isAdd(script);
    const width = Math.max(...group.map((row) => row.columns.length));
    const differ: number[] = [];
    for (let column = 0; column < width; column += 1) {
      const value = first.columns[column];
      if (group.every((row) => same(row.columns[column], value))) args.push(value ?? '');
      else differ.push(column + 1);
    }
    for (const row of group) {
      for (const column of differ) args.push(row.columns[column - 1] ?? '');
      order.push(row);
    }
    const keys = keysOf(script);
    const fenced = adds ? fence : 0;
    groups.push([placeOf(script), keys, width - keys - fenced, group.length, differ, adds ? 1 : 0]);
  }
  return { groups, args, order };
}

function same(a: unknown, b: unknown): boolean {
  return a === b || (Buffer.isBuffer(a) && Buffer.isBuffer(b) && a.equals(b));
}
