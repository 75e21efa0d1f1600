/** How many of these times fell into the fullest window of `ms`, wherever it begins. */
export function fullestWindow(times: readonly number[], ms: number): number {
  let fullest = 0;
  let first = 0;
  for (const [last, at] of times.entries()) {
    while ((times[first] ?? at) <= at - ms) first += 1;
    fullest = Math.max(fullest, last - first + 1);
  }
  return fullest;
}
