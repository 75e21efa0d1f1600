import { styleText } from 'node:util';

/** What a terminal (or a file, or a pipe) takes. */
export interface Out {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export interface TerminalOptions {
  stdout: Out;
  stderr: Out;
  json: boolean;
}

type Style = Parameters<typeof styleText>[0];
/** A row by column title. */
export type Row = Readonly<Record<string, string | number | null>>;

const BAR = 24;

/**
 * How commands speak: results on stdout, as tables or as JSON; progress on stderr, as a bar that is
 * redrawn on a terminal and as one line in ten percent elsewhere.
 */
export class Terminal {
  readonly json: boolean;
  readonly #stdout: Out;
  readonly #stderr: Out;
  #drawn = false;
  #lastShare = -1;

  constructor({ stdout, stderr, json }: TerminalOptions) {
    this.json = json;
    this.#stdout = stdout;
    this.#stderr = stderr;
  }

  /** The result: the data with --json, else what `people` says. */
  result(data: unknown, people: () => void): void {
    this.#settle();
    if (this.json) this.#stdout.write(`${JSON.stringify(data, null, 2)}\n`);
    else people();
  }

  line(text = '', style?: Style): void {
    const stream = this.#stdout;
    // Colour only where a person sees it: styleText would look at the process's own stdout.
    const styled = style && stream.isTTY ? styleText(style, text, { validateStream: false }) : text;
    stream.write(`${styled}\n`);
  }

  table(rows: readonly Row[], empty: string): void {
    const titles = Object.keys(rows[0] ?? {});
    if (titles.length === 0) {
      this.line(empty);
      return;
    }
    const cells = rows.map((row) => titles.map((title) => cell(row[title] ?? null)));
    const numeric = titles.map((title) => rows.every((row) => typeof row[title] === 'number'));
    const widths = titles.map((title, column) =>
      Math.max(title.length, ...cells.map((row) => row[column]?.length ?? 0)),
    );
    const lineOf = (texts: readonly string[]): string =>
      texts
        .map((text, column) =>
          numeric[column] ? text.padStart(widths[column] ?? 0) : text.padEnd(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd();
    this.line(lineOf(titles), 'bold');
    for (const row of cells) this.line(lineOf(row));
  }

  progress(done: number, total: number, what: string): void {
    const share = total === 0 ? 0 : Math.min(1, done / total);
    const text = `${done.toLocaleString('en')} of ${total.toLocaleString('en')} ${what}`;
    if (this.#stderr.isTTY) {
      const full = Math.round(share * BAR);
      this.#stderr.write(`\r\u001B[K${'█'.repeat(full)}${'░'.repeat(BAR - full)} ${text}`);
      this.#drawn = true;
      return;
    }
    const tenth = Math.floor(share * 10);
    if (tenth === this.#lastShare) return;
    this.#lastShare = tenth;
    this.#stderr.write(`${text}\n`);
  }

  error(text: string): void {
    this.#settle();
    this.#stderr.write(`ms1: ${text}\n`);
  }

  #settle(): void {
    if (this.#drawn) this.#stderr.write('\r\u001B[K');
    this.#drawn = false;
  }
}

/** Nothing that came from elsewhere may steer the terminal. */
function cell(value: string | number | null): string {
  if (value === null) return '-';
  return typeof value === 'number'
    ? value.toLocaleString('en')
    : value.replaceAll(/[^\P{C}]/gu, ' ');
}
