import { closeSync, fstatSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';

export interface RecordPlace {
  readonly offset: number;
  readonly bytes: number;
}

/** Records by where they are in a file, so that any number of them costs no memory. */
export interface RecordFile {
  /** When it returns the records are written. */
  append(records: readonly string[]): RecordPlace[];
  read(place: RecordPlace): string;
  close(): void;
}

export function openRecordFile(dir: string | undefined, name: string): RecordFile {
  return dir === undefined ? inMemory() : onDisk(dir, name);
}

function onDisk(dir: string, name: string): RecordFile {
  mkdirSync(dir, { recursive: true });
  const fd = openSync(join(dir, name), 'a+');
  // A torn last record is never referred to: its line in the ledger would have come after it.
  let end = fstatSync(fd).size;
  return {
    append(records) {
      const places = records.map((record) => {
        const bytes = Buffer.byteLength(record);
        const place = { offset: end, bytes };
        end += bytes + 1;
        return place;
      });
      const block = Buffer.from(records.map((record) => `${record}\n`).join(''), 'utf8');
      for (let written = 0; written < block.length; ) written += writeSync(fd, block, written);
      return places;
    },
    read({ offset, bytes }) {
      const buffer = Buffer.alloc(bytes);
      readSync(fd, buffer, 0, bytes, offset);
      return buffer.toString('utf8');
    },
    close: () => closeSync(fd),
  };
}

function inMemory(): RecordFile {
  const records: string[] = [];
  return {
    append: (added) =>
      added.map((record) => ({
        offset: records.push(record) - 1,
        bytes: Buffer.byteLength(record),
      })),
    read: ({ offset }) => records[offset] ?? '',
    close: () => undefined,
  };
}
