import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** Enough for the last few hundred log lines. */
const TAIL_BYTES = 64 * 1024;

/** What a process that ended said last: its sentence on stderr, else its last fatal or error line. */
export function lastWords(logFile: string, fromByte: number): string {
  const lines = readTail(logFile, fromByte)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const sentence = lines.findLast((line) => /^(cannot start|config): /.test(line));
  if (sentence) return sentence;
  const logged = lines.map(parseLogLine).filter((line) => line !== undefined);
  const fatal = logged.findLast(({ level }) => level === 'fatal');
  const error = logged.findLast(({ level }) => level === 'error');
  const said = fatal ?? error;
  if (said) return said.text;
  // A crash of Node itself: the line that names the error, above the stack and the version.
  return lines.findLast((line) => /^\w*Error\b/.test(line)) ?? lines.at(-1) ?? 'without output';
}

function parseLogLine(line: string): { level: string; text: string } | undefined {
  try {
    const { level, msg, err } = JSON.parse(line) as {
      level?: string;
      msg?: string;
      err?: { message?: string };
    };
    if (!level || !msg) return undefined;
    return { level, text: err?.message ? `${msg}: ${err.message}` : msg };
  } catch {
    return undefined;
  }
}

function readTail(file: string, fromByte: number): string {
  const fd = openSync(file, 'r');
  try {
    const { size } = fstatSync(fd);
    const start = Math.max(fromByte, size - TAIL_BYTES);
    const bytes = Buffer.alloc(Math.max(0, size - start));
    readSync(fd, bytes, 0, bytes.length, start);
    return bytes.toString('utf8');
  } finally {
    closeSync(fd);
  }
}
