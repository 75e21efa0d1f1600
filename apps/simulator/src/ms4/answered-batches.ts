import { LRUCache } from 'lru-cache';

import { type LineLog, openLineLog } from '../ledger/line-log.ts';
import { BatchLine } from '../ledger/lines.ts';

/** How many answers are remembered; older keys are answered afresh, their items as duplicates. */
const BATCHES_MAX = 2_000;

/** The answers that were given under an idempotency key. */
export class AnsweredBatches {
  readonly #log: LineLog<BatchLine>;
  readonly #answers = new LRUCache<string, BatchLine>({ max: BATCHES_MAX });

  constructor(dataDir: string | undefined) {
    this.#log = openLineLog(dataDir, 'batches.jsonl', BatchLine, (line) =>
      this.#answers.set(line.batchId, line),
    );
  }

  get(batchId: string): BatchLine | undefined {
    return this.#answers.get(batchId);
  }

  add(line: BatchLine): void {
    this.#log.append([line]);
    this.#answers.set(line.batchId, line);
  }

  close(): void {
    this.#log.close();
  }
}
