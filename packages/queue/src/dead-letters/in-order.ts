/** What several scans find, each in order, as one in order. */
export async function* inOrder<T>(
  scans: readonly AsyncGenerator<T>[],
  compare: (a: T, b: T) => number,
): AsyncGenerator<T> {
  try {
    const heads = await Promise.all(scans.map(async (scan) => ({ scan, next: await scan.next() })));
    for (;;) {
      let first: (typeof heads)[number] | undefined;
      for (const head of heads) {
        if (head.next.done === true) continue;
        const isFirst = !first || first.next.done === true;
        if (isFirst || compare(head.next.value, first?.next.value as T) < 0) first = head;
      }
      if (first?.next.done !== false) return;
      yield first.next.value;
      first.next = await first.scan.next();
    }
  } finally {
    await Promise.all(scans.map((scan) => scan.return(undefined)));
  }
}
