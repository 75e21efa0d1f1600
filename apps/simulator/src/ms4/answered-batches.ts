import { type LineLog, openLineLog } from '../ledger/line-log.ts';
import { BatchLine } from '../ledger/lines.ts';

/** How many answers are remembered; older keys are answered afresh, their items as duplicates. */
const BATCHES_MAX = 2_000;

/** The answers that were given under an idempotency key. */
export class AnsweredBatches {
  readonly #log: LineLog<BatchLine>;
  readonly #answers = new Map<string, BatchLine>();

  constructor(dataDir: string | undefined) {
    this.#log = openLineLog(dataDir, 'batches.jsonl', BatchLine, (line) => this.#remember(line));
  }

  get(batchId: string): BatchLine | undefined {
    return this.#answers.get(batchId);
  }

  add(line: BatchLine): void {
    this.#log.append([line]);
    this.#remember(line);
  }

  close(): void {
    this.#log.close();
  }

  #remember(line: BatchLine): void {
    this.#answers.set(line.batchId, line);
    if (this.#answers.size <= BATCHES_MAX) return;
    const [oldest] = this.#answers.keys();
    if (oldest !== undefined) this.#answers.delete(oldest);
  }
}
