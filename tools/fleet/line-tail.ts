import { closeSync, openSync, readSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';

const CHUNK_BYTES = 1024 * 1024;

/** Reads a growing file of JSON lines, each line once. A last line without its end is left for later. */
export class LineTail {
  readonly #path: string;
  readonly #decoder = new StringDecoder('utf8');
  #offset = 0;
  #rest = '';

  constructor(path: string) {
    this.#path = path;
  }

  /** Hands the lines that were added since the last call to `onLine`. */
  read(onLine: (line: Record<string, unknown>) => void): void {
    let fd: number;
    try {
      fd = openSync(this.#path, 'r');
    } catch (error) {
      // Not written yet.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      throw error;
    }
    try {
      const bytes = Buffer.alloc(CHUNK_BYTES);
      for (;;) {
        const length = readSync(fd, bytes, 0, bytes.length, this.#offset);
        if (length === 0) return;
        this.#offset += length;
        const lines = (this.#rest + this.#decoder.write(bytes.subarray(0, length))).split('\n');
        this.#rest = lines.pop() ?? '';
        for (const line of lines) onLine(JSON.parse(line) as Record<string, unknown>);
      }
    } finally {
      closeSync(fd);
    }
  }
}
