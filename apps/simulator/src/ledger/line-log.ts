import {
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';

/** An append-only list of JSON lines, on disk or only in memory. */
export interface LineLog<T> {
  /** When it returns the lines are written: they survive the end of this process, however sudden. */
  append(lines: readonly T[]): void;
  close(): void;
}

const NOWHERE: LineLog<unknown> = { append: () => undefined, close: () => undefined };

/**
 * Opens `<dir>/<name>` and hands every line that is already there to `onLine`, in order. A kill in the
 * middle of a write leaves a torn last line: it is cut off, and nothing was answered on its account.
 * Writes are synchronous: one call an appended batch, cheaper than the thread pool, and never reordered.
 *
 * @throws when a line in the middle does not parse: the file is not ours
 */
export function openLineLog<T>(
  dir: string | undefined,
  name: string,
  line: z.ZodType<T>,
  onLine: (value: T) => void,
): LineLog<T> {
  if (dir === undefined) return NOWHERE;
  mkdirSync(dir, { recursive: true });
  const path = join(dir, name);
  const whole = existsSync(path) ? restore(path, line, onLine) : 0;
  const fd = openSync(path, 'a');
  ftruncateSync(fd, whole);
  return {
    append(lines) {
      if (lines.length > 0) {
        writeAll(fd, lines.map((value) => `${JSON.stringify(value)}\n`).join(''));
      }
    },
    close: () => closeSync(fd),
  };
}

/** Answers with the number of bytes that are whole lines. */
function restore<T>(path: string, line: z.ZodType<T>, onLine: (value: T) => void): number {
  const bytes = readFileSync(path);
  const whole = bytes.lastIndexOf(0x0a) + 1;
  let start = 0;
  for (let number = 1; start < whole; number += 1) {
    const end = bytes.indexOf(0x0a, start);
    onLine(parseLine(bytes.toString('utf8', start, end), line, `${path}:${number}`));
    start = end + 1;
  }
  return whole;
}

function parseLine<T>(text: string, line: z.ZodType<T>, where: string): T {
  try {
    return line.parse(JSON.parse(text));
  } catch (cause) {
    throw new Error(
      `${where} is not a line that the simulator wrote: remove the file or the line`,
      {
        cause,
      },
    );
  }
}

function writeAll(fd: number, text: string): void {
  const bytes = Buffer.from(text, 'utf8');
  for (let written = 0; written < bytes.length; ) {
    written += writeSync(fd, bytes, written);
  }
}
