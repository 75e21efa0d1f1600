/** In so many parts at most, of the same size but for the last: in eight, 500 are cut down to one in 3 steps. */
export function equalParts<T>(items: readonly T[], count: number): T[][] {
  const size = Math.ceil(items.length / count);
  return cut(items, () => size);
}

/** 1, 4, 16, 64 ... and the rest. */
export function slowStart<T>(items: readonly T[]): T[][] {
  return cut(items, (n) => 4 ** n);
}

function cut<T>(items: readonly T[], sizeOf: (n: number) => number): T[][] {
  const parts: T[][] = [];
  for (let from = 0; from < items.length; ) {
    const size = sizeOf(parts.length);
    parts.push(items.slice(from, from + size));
    from += size;
  }
  return parts;
}
