import { LRUCache } from 'lru-cache';

/**
 * Graph keeps about three generations of a lineage (docs/graph-contract.md#delta-tokens): advancing makes older links
 * invalid.
 */
const GENERATIONS_KEPT = 3;
const LINEAGES_MAX = 10_000;

/** Remembers how far each lineage of delta links has come. Forgotten over a restart: then any generation is taken. */
export class DeltaGenerations {
  readonly #newest = new LRUCache<string, number>({ max: LINEAGES_MAX });

  advance(lineage: string, generation: number): void {
    this.#newest.set(lineage, Math.max(generation, this.newest(lineage)));
  }

  knows(lineage: string, generation: number): boolean {
    return generation > this.newest(lineage) - GENERATIONS_KEPT;
  }

  newest(lineage: string): number {
    return this.#newest.get(lineage) ?? 0;
  }
}
