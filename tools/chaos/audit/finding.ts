/**
 * What an invariant came to in a run. `measured` is a figure that no pass line holds for under these faults; `unchecked`
 * says why.
 */
export interface Finding {
  /** `I1` */
  readonly id: string;
  readonly about: string;
  readonly verdict: 'held' | 'broken' | 'measured' | 'unchecked';
  readonly value: string;
  /** the worst cases, by key: where to look */
  readonly worst: readonly string[];
}

const WORST_MAX = 5;

/** Held, unless there are cases against it. */
export function judged(
  { id, about, value }: Pick<Finding, 'id' | 'about' | 'value'>,
  against: readonly string[],
): Finding {
  const worst = against.slice(0, WORST_MAX);
  return { id, about, verdict: against.length === 0 ? 'held' : 'broken', value, worst };
}

export const unchecked = (id: string, about: string, why: string): Finding => ({
  id,
  about,
  verdict: 'unchecked',
  value: why,
  worst: [],
});
