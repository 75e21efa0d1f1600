import type { EncodedItem } from '@ms1/ms4-client';

/**
 * Requests of one sending that were answered 413. A record that is refused alone explains every request that it was in:
 * then 413 is an answer about the record, and a limit that was learnt from it would send all others one by one.
 */
export class RefusedSizes {
  readonly #requests: { ids: string[]; bytes: number }[] = [];

  refused(part: readonly EncodedItem[], bytes: number): void {
    this.#requests.push({ ids: part.map(({ id }) => id), bytes });
  }

  /** Bytes of the smallest that says something of MS4's limit; null: none does. */
  smallest(): number | null {
    const alone = new Set(this.#requests.flatMap(({ ids }) => (ids.length === 1 ? ids : [])));
    const telling = this.#requests.filter(({ ids }) => !ids.some((id) => alone.has(id)));
    return telling.length === 0 ? null : Math.min(...telling.map(({ bytes }) => bytes));
  }
}
