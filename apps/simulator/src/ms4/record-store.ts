import { hash } from 'node:crypto';
import type { Clock } from '@ms1/runtime';

import { type LineLog, openLineLog } from '../ledger/line-log.ts';
import { StoredLine } from '../ledger/lines.ts';
import { openRecordFile, type RecordFile, type RecordPlace } from '../ledger/record-file.ts';
import type { StoredRecord } from './record-schema.ts';

export interface RecordStoreOptions {
  readonly dataDir: string | undefined;
  readonly clock: Clock;
}

/** What MS4 has stored: each record id once, whatever batch it came in. */
export class RecordStore {
  readonly #clock: Clock;
  readonly #stored: LineLog<StoredLine>;
  readonly #records: RecordFile;
  readonly #places = new Map<string, RecordPlace>();

  constructor({ dataDir, clock }: RecordStoreOptions) {
    this.#clock = clock;
    this.#records = openRecordFile(dataDir, 'records.jsonl');
    this.#stored = openLineLog(dataDir, 'stored.jsonl', StoredLine, ({ id, offset, bytes }) => {
      this.#places.set(id, { offset, bytes });
    });
  }

  get size(): number {
    return this.#places.size;
  }

  has(id: string): boolean {
    return this.#places.has(id);
  }

  /** the record as JSON */
  read(id: string): string | undefined {
    const place = this.#places.get(id);
    return place && this.#records.read(place);
  }

  /** Stores records that are new. When it returns they are written: only then may a verdict say so. */
  store(batchId: string, records: readonly StoredRecord[]): void {
    const at = new Date(this.#clock.now()).toISOString();
    const texts = records.map((record) => JSON.stringify(record));
    const places = this.#records.append(texts);
    const lines = records.map((record, position): StoredLine => {
      const { offset = 0, bytes = 0 } = places[position] ?? {};
      return {
        at,
        batchId,
        id: record.id,
        mailbox: record.mailbox,
        messageId: record.messageId,
        internetMessageId: record.internetMessageId ?? null,
        subjectHash: hash('sha256', record.subject ?? '', 'base64url'),
        recordHash: hash('sha256', texts[position] ?? '', 'base64url'),
        offset,
        bytes,
      };
    });
    this.#stored.append(lines);
    for (const { id, offset, bytes } of lines) this.#places.set(id, { offset, bytes });
  }

  close(): void {
    this.#stored.close();
    this.#records.close();
  }
}
