/** A stretch of values without one that is missing. */
export interface Run {
  first: number;
  length: number;
}

/** The stretches of which something is true. */
export function runsOf<T>(all: readonly T[], holds: (one: T) => boolean): Run[] {
  const runs: Run[] = [];
  for (const [index, one] of all.entries()) {
    if (!holds(one)) continue;
    const last = runs.at(-1);
    if (last && last.first + last.length === index) last.length += 1;
    else runs.push({ first: index, length: 1 });
  }
  return runs;
}

/**
 * The path of a line that is level for each value and stops where one is missing: no line leads over a gap.
 *
 * @param scale where a value is, from the top
 */
export function drawSteps(
  values: readonly (number | null)[],
  { width, scale }: { width: number; scale: (value: number) => number },
): string {
  const step = width / Math.max(1, values.length);
  return runsOf(values, (value) => value !== null)
    .map(({ first, length }) => {
      const levels = values.slice(first, first + length).map((value, nth) => {
        const end = ((first + nth + 1) * step).toFixed(1);
        return `V${scale(value ?? 0).toFixed(1)}H${end}`;
      });
      return `M${(first * step).toFixed(1)} ${scale(values[first] ?? 0).toFixed(1)}${levels.join('')}`;
    })
    .join('');
}
