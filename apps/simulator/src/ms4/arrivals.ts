import type { Clock } from '@ms1/runtime';

import type { Call } from '../http/call.ts';
import { type LineLog, openLineLog } from '../ledger/line-log.ts';
import { ArrivalLine } from '../ledger/lines.ts';

/** How many are kept for `/control/arrivals`; the file has them all. */
const KEPT_MAX = 100_000;

/** Every batch request that reached MS4, in the order of arrival. Append-only. */
export class Arrivals {
  readonly #clock: Clock;
  readonly #log: LineLog<ArrivalLine>;
  readonly #lines: ArrivalLine[] = [];

  constructor({ dataDir, clock }: { dataDir: string | undefined; clock: Clock }) {
    this.#clock = clock;
    this.#log = openLineLog(dataDir, 'arrivals.jsonl', ArrivalLine, (line) => this.#keep(line));
  }

  get lines(): readonly ArrivalLine[] {
    return this.#lines;
  }

  add(call: Call): void {
    const line: ArrivalLine = {
      at: new Date(this.#clock.now()).toISOString(),
      monotonicMs: Number(process.hrtime.bigint()) / 1e6,
      key: String(call.headers['idempotency-key'] ?? ''),
      bytes: call.body.length,
    };
    this.#log.append([line]);
    this.#keep(line);
  }

  close(): void {
    this.#log.close();
  }

  #keep(line: ArrivalLine): void {
    this.#lines.push(line);
    if (this.#lines.length > 2 * KEPT_MAX) this.#lines.splice(0, KEPT_MAX);
  }
}
