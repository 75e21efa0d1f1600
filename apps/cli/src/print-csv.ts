import { CSV_TABLES, type CsvName, csvHead } from '@ms1/console-api';

import { type CommandContext, wholeNumber } from './command.ts';

export const CSV = { csv: { type: 'boolean', about: 'as CSV for Excel (docs/csv.md)' } } as const;

/** What a list takes that is to be had as CSV too. */
export const LIST = {
  limit: {
    type: 'string',
    value: 'n',
    about: 'how many at most; default 100, with --csv all of them',
  },
  ...CSV,
} as const;

/** How many entries of a list are asked for. */
export function mostOf(context: CommandContext): number {
  const all = context.flag('csv') ? Number.POSITIVE_INFINITY : 100;
  return wholeNumber(context, 'limit') ?? all;
}

/** Prints what an endpoint answers, page by page as it comes. @returns whether there was a line of it */
export async function printCsv(
  { terminal }: Pick<CommandContext, 'terminal'>,
  name: CsvName,
  answers: AsyncIterable<unknown> | Iterable<unknown>,
): Promise<boolean> {
  const table = CSV_TABLES[name];
  let isBegun = false;
  let isEmpty = true;
  for await (const answer of answers) {
    // Not before the first answer: a refusal leaves nothing behind that could be taken for an empty list.
    if (!isBegun) terminal.text(csvHead(table));
    isBegun = true;
    const lines = table.lines(answer);
    isEmpty &&= lines === '';
    terminal.text(lines);
  }
  return !isEmpty;
}
