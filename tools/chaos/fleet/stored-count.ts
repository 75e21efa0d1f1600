import { join } from 'node:path';

import { LineTail } from '../../fleet/line-tail.ts';

/** Records in MS4's own file, counted as they come. */
export class StoredCount {
  readonly #file: LineTail;
  #count = 0;

  constructor(witnessFolder: string) {
    this.#file = new LineTail(join(witnessFolder, 'stored.jsonl'));
  }

  now(): number {
    this.#file.read(() => {
      this.#count += 1;
    });
    return this.#count;
  }
}
