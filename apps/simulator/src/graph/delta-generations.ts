/**
 * Graph keeps about three generations of a lineage (docs/graph-contract.md#delta-tokens): advancing makes older links
 * invalid.
 */
const GENERATIONS_KEPT = 3;
const LINEAGES_MAX = 10_000;

/** Remembers how far each lineage of delta links has come. Forgotten over a restart: then any generation is taken. */
export class DeltaGenerations {
  readonly #newest = new Map<string, number>();

  advance(lineage: string, generation: number): void {
    const newest = Math.max(generation, this.#newest.get(lineage) ?? 0);
    this.#newest.delete(lineage);
    this.#newest.set(lineage, newest);
    if (this.#newest.size <= LINEAGES_MAX) return;
    const [oldest] = this.#newest.keys();
    if (oldest !== undefined) this.#newest.delete(oldest);
  }

  knows(lineage: string, generation: number): boolean {
    return generation > (this.#newest.get(lineage) ?? 0) - GENERATIONS_KEPT;
  }

  newest(lineage: string): number {
    return this.#newest.get(lineage) ?? 0;
  }
}
