let last = { second: Number.NaN, text: '' };

/** Graph shows whole seconds of what it stores in more detail. A page shows the same second over and over. */
export function seconds(ms: number): string {
  const second = Math.floor(ms / 1_000);
  if (second !== last.second) {
    last = { second, text: `${new Date(second * 1_000).toISOString().slice(0, 19)}Z` };
  }
  return last.text;
}
