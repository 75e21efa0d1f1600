/** One benchmark: measures, and says what it found as tables and as checks against the figures it must reach. */
export interface Bench {
  /** for `--only`; kebab-case */
  readonly name: string;
  readonly title: string;
  /**
   * seconds of the default run, on two quiet cores: no further round is begun after so many. 0: only when it is asked
   * for by name or by `--full`
   */
  readonly budgetSeconds: number;
  run(options: BenchOptions): Promise<BenchReport>;
}

export interface BenchOptions {
  /** a tenth of the work, to see that it runs; its figures mean nothing */
  readonly quick: boolean;
  /** the long sizes, however long it takes */
  readonly full: boolean;
  /** whether there is time for another round; the first one is for everybody */
  readonly hasTime: () => boolean;
  /** progress, one line at a time */
  readonly say: (line: string) => void;
}

export interface BenchReport {
  /** its place in bench/results.md where this run measured something else than the default one does */
  readonly section?: { readonly name: string; readonly title: string };
  readonly notes: readonly string[];
  readonly tables: readonly Table[];
  readonly checks: readonly Check[];
  /** everything measured, for `--json` */
  readonly raw: unknown;
}

export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

export interface Check {
  readonly what: string;
  readonly value: number;
  /** the bound that holds: at most, or at least */
  readonly bound: { readonly max: number } | { readonly min: number };
}

export function holds({ value, bound }: Check): boolean {
  return 'max' in bound ? value <= bound.max : value >= bound.min;
}
