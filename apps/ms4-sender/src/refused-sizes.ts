import type { EncodedItem } from '@ms1/ms4-client';

/** Requests of one sending that were answered 413. */
export interface RefusedSizes {
  /** a request of so many bytes was, with these records */
  refused(part: readonly EncodedItem[], bytes: number): void;
  /** bytes of the smallest that says something of MS4's limit; null: none does */
  smallest(): number | null;
}

/**
 * A record that is refused alone explains every request that it was in: then 413 is an answer about the record, and a
 * limit that was learnt from it would send all others one by one.
 */
export function createRefusedSizes(): RefusedSizes {
  const requests: { ids: string[]; bytes: number }[] = [];
  const alone = new Set<string>();
  return {
    refused(part, bytes) {
      const ids = part.map(({ id }) => id);
      if (ids.length === 1) alone.add(ids[0] ?? '');
      requests.push({ ids, bytes });
    },
    smallest() {
      const telling = requests.filter(({ ids }) => !ids.some((id) => alone.has(id)));
      return telling.length === 0 ? null : Math.min(...telling.map(({ bytes }) => bytes));
    },
  };
}
