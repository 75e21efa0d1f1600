import { rmSync } from 'node:fs';

import { readJsonFile, writeJsonFile } from './json-file.ts';

/** One process that this data folder's launcher started. */
export interface RecordedProcess {
  pid: number;
  /** part of its command line: proves that the process of that id is still the one we started */
  mark: string;
}

/** Who is running, on disk, so that the next launcher can end what a kill -9 of this one left behind. */
export class ProcessRecord {
  readonly #path: string;
  readonly #running = new Map<number, string>();

  constructor(path: string) {
    this.#path = path;
  }

  add({ pid, mark }: RecordedProcess): void {
    this.#running.set(pid, mark);
    this.#write();
  }

  remove(pid: number): void {
    this.#running.delete(pid);
    this.#write();
  }

  #write(): void {
    if (this.#running.size === 0) rmSync(this.#path, { force: true });
    else writeJsonFile(this.#path, Object.fromEntries(this.#running));
  }
}

/** What the record of an earlier launcher says, the order in which they were started kept. */
export function readProcessRecord(path: string): RecordedProcess[] {
  return Object.entries(readJsonFile(path)).flatMap(([pid, mark]) =>
    typeof mark === 'string' ? [{ pid: Number(pid), mark }] : [],
  );
}
