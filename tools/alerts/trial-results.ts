import { existsSync, readFileSync, writeFileSync } from 'node:fs';

import type { Fired } from './alert-watch.ts';

/** What fired in the latest trial of a cause. */
export interface CauseResult {
  readonly name: string;
  readonly about: string;
  readonly fired: readonly Fired[];
  /** 2026-11-30 */
  readonly on: string;
}

/** The results of a file, with these in the place of older ones of the same cause. */
export function keepResults(file: string, latest: readonly CauseResult[]): CauseResult[] {
  const known = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as CauseResult[]) : [];
  const kept = known.filter(({ name }) => !latest.some((one) => one.name === name));
  const results = [...kept, ...latest];
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
  return results;
}
