import { styleText } from 'node:util';

import { clean, fitWidths, wrap } from './fit-text.ts';

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
  /** false where NO_COLOR is set (https://no-color.org) */
  color: boolean;
}

type Style = Parameters<typeof styleText>[0];
/** A row by column title. */
export type Row = Readonly<Record<string, string | number | null>>;

/** An answer other than success, as RFC 9457 problem details, and the exit code it ends with. */
export interface CliProblem {
  type: string;
  title: string;
  /** HTTP status of the console's answer; null when it is not about one */
  status: number | null;
  exitCode: number;
  errors?: readonly object[];
}

const BAR = 24;

/**
 * How commands speak: results on stdout, as tables that fit the terminal or as one JSON document;
 * progress on stderr, as a bar that is redrawn on a terminal and as one line in ten percent
 * elsewhere; errors on stderr, with --json as problem details.
 */
export class Terminal {
  readonly json: boolean;
  readonly #options: TerminalOptions;
  #drawn = false;
  #lastShare = -1;

  constructor(options: TerminalOptions) {
    this.json = options.json;
    this.#options = options;
  }

  /** whether a person looks at it */
  get live(): boolean {
    return this.#options.stdout.isTTY === true;
  }

  /** columns; null: nothing is to be cut or wrapped */
  get width(): number | null {
    const { isTTY, columns } = this.#options.stdout;
    return isTTY && columns ? columns : null;
  }

  /** The result: the data with --json, else what `people` says. */
  result(data: unknown, people: () => void): void {
    this.settle();
    if (this.json) this.#options.stdout.write(`${JSON.stringify(data, null, 2)}\n`);
    else people();
  }

  /** What is no line for people: as it is, to its last character. */
  text(text: string): void {
    this.settle();
    this.#options.stdout.write(text);
  }

  line(text = '', style?: Style): void {
    this.#options.stdout.write(`${style ? this.styled(text, style) : text}\n`);
  }

  /** Colour only where a person sees it and wants it: styleText would look at the process's own stdout. */
  styled(text: string, style: Style): string {
    const { stdout, color } = this.#options;
    return stdout.isTTY && color ? styleText(style, text, { validateStream: false }) : text;
  }

  /** A line that may be long, wrapped at words; what follows the first line is indented by `hang`. */
  paragraph(text: string, hang: number): void {
    for (const line of wrap(text, this.width, hang)) this.line(line);
  }

  table(rows: readonly Row[], empty: string): void {
    const titles = Object.keys(rows[0] ?? {});
    if (titles.length === 0) {
      if (empty !== '') this.line(empty);
      return;
    }
    const numeric = titles.map((title) => rows.every((row) => typeof row[title] === 'number'));
    const cells = [titles, ...rows.map((row) => titles.map((title) => cell(row[title] ?? null)))];
    const widths = fitWidths(cells, this.width);
    for (const [index, texts] of cells.entries()) {
      const line = texts
        .map((text, column) => {
          const width = widths[column] ?? text.length;
          const cut = text.length > width ? `${text.slice(0, width - 1)}…` : text;
          return numeric[column] ? cut.padStart(width) : cut.padEnd(width);
        })
        .join('  ')
        .trimEnd();
      this.line(line, index === 0 ? 'bold' : undefined);
    }
  }

  progress(done: number, total: number, what: string): void {
    const { stderr } = this.#options;
    const share = total === 0 ? 0 : Math.min(1, done / total);
    const text = `${done.toLocaleString('en')} of ${total.toLocaleString('en')} ${what}`;
    if (stderr.isTTY) {
      const full = Math.round(share * BAR);
      stderr.write(`\r\u001B[K${'█'.repeat(full)}${'░'.repeat(BAR - full)} ${text}`);
      this.#drawn = true;
      return;
    }
    // Where nobody watches, stderr is for errors: with --json a line there is one.
    const tenth = Math.floor(share * 10);
    if (this.json || tenth === this.#lastShare) return;
    this.#lastShare = tenth;
    stderr.write(`${text}\n`);
  }

  /** Clears the screen, for a picture that is drawn anew; elsewhere than on a terminal nothing is taken back. */
  wipe(): void {
    if (this.live) this.#options.stdout.write('\u001B[H\u001B[2J');
  }

  error(problem: CliProblem): void {
    this.settle();
    const { stderr } = this.#options;
    if (this.json) stderr.write(`${JSON.stringify(problem)}\n`);
    else stderr.write(`ms1: ${problem.title}\n`);
  }

  /** Wipes the bar away. */
  settle(): void {
    if (this.#drawn) this.#options.stderr.write('\r\u001B[K');
    this.#drawn = false;
  }
}

function cell(value: string | number | null): string {
  if (value === null) return '-';
  return typeof value === 'number' ? value.toLocaleString('en') : clean(value);
}
