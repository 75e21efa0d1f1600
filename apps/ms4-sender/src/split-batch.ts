/** In two, the first not the larger. */
export function halves<T>(items: readonly T[]): T[][] {
  const middle = items.length >> 1;
  return [items.slice(0, middle), items.slice(middle)];
}

/** In eight at most: 500 are cut down to one in 3 steps instead of 9. */
export function eighths<T>(items: readonly T[]): T[][] {
  const size = Math.ceil(items.length / 8);
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
