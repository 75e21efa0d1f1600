export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** Reads the closing line of tools/jest/plain-reporter.ts; undefined for every other line. */
export function parseClosingLine(line: string): Counts | undefined {
  const match = /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/.exec(line.trim());
  if (!match) return undefined;
  return { passed: Number(match[1]), failed: Number(match[2]), skipped: Number(match[3] ?? 0) };
}

/** Whether it is a progress line of tools/jest/failures-reporter.ts. */
export function isProgress(line: string): boolean {
  return /^\d+ of \d+ files, \d+ failed$/.test(line);
}

export function add(a: Counts, b: Counts): Counts {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
  };
}

export function closingLine({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
