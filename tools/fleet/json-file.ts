import { readFileSync, renameSync, writeFileSync } from 'node:fs';

/** Reads a small JSON object of ours; a missing or torn file is an empty one. */
export function readJsonFile(path: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

/** Writes it whole or not at all, readable by its owner only. */
export function writeJsonFile(path: string, value: object): void {
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  renameSync(temporary, path);
}
